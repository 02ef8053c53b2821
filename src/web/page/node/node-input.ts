import { textOf } from "../parts/form.ts";
import { readPairs } from "../words.ts";

/** The body of `POST /v1/nodes`, from the form; what was left empty is the server's usual choice. */
export function nodeInputOf(form: FormData): object {
  const given = (name: string) => {
    const text = textOf(form, name);
    return text === "" ? {} : { [name]: text };
  };
  const macs = textOf(form, "macs")
    .split(/[,\s]+/)
    .filter(Boolean);
  const labels = readPairs(textOf(form, "labels"));
  return {
    ...given("name"),
    bmc: {
      address: addressOf(textOf(form, "address")),
      ...given("username"),
      // A blank may be part of it.
      password: form.get("password"),
      ...given("systemId"),
      ...tlsOf(form),
    },
    ...given("arch"),
    ...given("bootMode"),
    ...given("site"),
    ...given("rack"),
    ...given("provisionUrl"),
    ...(macs.length === 0 ? {} : { macs }),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...(form.has("protected") ? { protected: true } : {}),
    ...(form.has("maintenance") ? { maintenance: true } : {}),
  };
}

/** People type "10.0.7.21"; BMCs speak https. */
function addressOf(text: string): string {
  return text.includes("://") ? text : ["https:", "", text].join("/");
}

function tlsOf(form: FormData): object {
  const fingerprint = textOf(form, "fingerprint");
  if (fingerprint !== "") return { tls: { mode: "pin", fingerprint } };
  return form.has("insecure") ? { tls: { mode: "insecure" } } : {};
}
