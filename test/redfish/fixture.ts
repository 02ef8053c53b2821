import assert from "node:assert/strict";
import { type ClientOptions, createRedfishClient, type RedfishClient } from "../../src/redfish/client.ts";
import { RedfishError, type RedfishErrorCode } from "../../src/redfish/errors.ts";
import { type Peer, type Reply, startPeer } from "./https-peer.ts";

const started: { peers: Peer[]; clients: RedfishClient[] } = { peers: [], clients: [] };

type Options = Partial<ClientOptions> & { certificate?: { key: string; cert: string } };

/** Starts a peer with scripted replies and a client of it; `endAll` ends both. */
export async function begin(
  replies: Reply[],
  options: Options = {},
): Promise<{ peer: Peer; client: RedfishClient }> {
  const { certificate, ...rest } = options;
  const peer = await startPeer(replies, certificate);
  const client = createRedfishClient({ address: peer.address, tls: { mode: "verify" }, ...rest });
  started.peers.push(peer);
  started.clients.push(client);
  return { peer, client };
}

/** For `afterEach`. */
export async function endAll(): Promise<void> {
  for (const client of started.clients.splice(0)) client.close();
  await Promise.all(started.peers.splice(0).map((peer) => peer.stop()));
}

/** Gives the error, which must be a RedfishError of this code. */
export async function fails(promise: Promise<unknown>, code: RedfishErrorCode): Promise<RedfishError> {
  const error = await promise.then(
    () => assert.fail(`succeeded, expected ${code}`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof RedfishError, String(error));
  assert.equal(error.code, code);
  return error;
}

/** What a peer was asked, as `METHOD path`. */
export function asked(peer: Peer): string[] {
  return peer.requests.map((request) => `${request.method} ${request.url}`);
}
