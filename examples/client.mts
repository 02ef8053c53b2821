// Deploys one node from an ISO and waits for the proof, by the typed client: npm install trayload
//
//   TRAYLOAD_URL=https://trayload.example.org TRAYLOAD_TOKEN=tl_… node client.mts rack1-u07 https://images.example/os.iso
import { randomUUID } from "node:crypto";
import { createClient, TrayloadError, untilFinal } from "trayload/client";

const [node, url] = process.argv.slice(2);
const { TRAYLOAD_URL = "http://127.0.0.1:8080", TRAYLOAD_TOKEN } = process.env;
if (node === undefined || url === undefined || TRAYLOAD_TOKEN === undefined) {
  console.error("usage: TRAYLOAD_TOKEN=tl_… node client.mts NODE ISO-URL");
  process.exit(2);
}
const client = createClient({ url: TRAYLOAD_URL, token: TRAYLOAD_TOKEN });

try {
  const { id } = await client.call("POST /v1/deployments", {
    body: { node, boot: { iso: { url } }, finish: "disc-read" },
    // The same for a repetition, so that a lost answer deploys nothing twice.
    idempotencyKey: randomUUID(),
  });
  console.log(`${id} is accepted`);
  const { state, error, evidence } = await untilFinal(client, id, {
    onChange: ({ step, progress }) => console.log(`${step ?? "waits"} ${progress?.percent ?? 0} %`),
  });
  console.log(`${state}: ${error === null ? evidence.map(({ what }) => what).join(", ") : error.message}`);
  process.exitCode = state === "succeeded" ? 0 : 1;
} catch (error) {
  if (!(error instanceof TrayloadError)) throw error;
  console.error([error.message, error.hint].filter(Boolean).join("\n"));
  process.exitCode = 1;
}
