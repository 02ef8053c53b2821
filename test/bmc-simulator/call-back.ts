import { request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";

/**
 * Posts like `curl` from an installer's last script would: JSON when there is a body, certificates not verified.
 *
 * @throws Error when nobody answered, or with anything but 2xx
 */
export async function postCallBack(url: string, body: unknown, signal: AbortSignal): Promise<void> {
  const text = body === undefined ? "" : JSON.stringify(body);
  const headers = {
    "content-length": Buffer.byteLength(text),
    ...(text === "" ? {} : { "content-type": "application/json" }),
  };
  const status = await new Promise<number>((resolve, reject) => {
    const send = url.startsWith("https:") ? tlsRequest : plainRequest;
    const options = { method: "POST", headers, signal, rejectUnauthorized: false };
    send(url, options, (answer) => {
      answer.resume();
      answer.on("end", () => resolve(answer.statusCode ?? 0));
    })
      .on("error", reject)
      .end(text);
  });
  if (status < 200 || status > 299) throw new Error(`the call-back was answered ${status}`);
}
