import * as z from "zod";

/** What a provider says of itself (OpenID Connect Discovery 1.0, section 3), as far as it is used. */
export interface ProviderDocument {
  authorization_endpoint: string;
  token_endpoint: string;
  jwks_uri: string;
  token_endpoint_auth_methods_supported?: string[] | undefined;
}

const DOCUMENT = z.object({
  issuer: z.string(),
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
  jwks_uri: z.url(),
  token_endpoint_auth_methods_supported: z.array(z.string()).optional(),
});

/** @throws Error for one that is of another issuer, lacks something, or would lead away from TLS */
export function readDocument(issuer: string, text: string): ProviderDocument {
  const parsed = DOCUMENT.safeParse(JSON.parse(text));
  if (!parsed.success)
    throw new Error(`the provider's description lacks ${parsed.error.issues[0]!.path.join()}`);
  const document = parsed.data;
  if (document.issuer !== issuer) throw new Error(`the description is of the issuer ${document.issuer}`);
  const urls = [document.authorization_endpoint, document.token_endpoint, document.jwks_uri];
  const plain = urls.find((url) => issuer.startsWith("https:") && !url.startsWith("https:"));
  if (plain !== undefined) throw new Error(`${plain} is named, where codes and keys would go without TLS`);
  return document;
}
