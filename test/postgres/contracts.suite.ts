import { type Database, openDatabase } from "../../src/database/index.ts";
import { openPostgres } from "../../src/database/postgres/open.ts";
import { agentBootsContract } from "../database/agent-boots.contract.ts";
import { auditContract } from "../database/audit.contract.ts";
import { bmcSharingContract } from "../database/bmc-sharing.contract.ts";
import { campaignsContract } from "../database/campaigns.contract.ts";
import { fleetContract } from "../database/fleet.contract.ts";
import { leaseContract } from "../database/lease.contract.ts";
import { lineageContract } from "../database/lineage.contract.ts";
import { portsContract } from "../database/ports.contract.ts";
import { recordStoreContract } from "../database/record-store.contract.ts";
import { resealContract } from "../database/reseal.contract.ts";
import { retentionContract } from "../database/retention.contract.ts";
import { sweepContract } from "../database/sweep.contract.ts";
import { stepTimesContract } from "../database/step-times.contract.ts";
import { tokensContract } from "../database/tokens.contract.ts";
import { nodesContract } from "../nodes/nodes.contract.ts";
import { webhooksContract } from "../webhooks/webhooks.contract.ts";
import { needPostgres, type PostgresServer, startPostgres } from "./server.ts";
import { empty } from "./tables.ts";

describe("on PostgreSQL", () => {
  let server: PostgresServer;
  before(async function () {
    needPostgres(this);
    server = await startPostgres();
  });
  after(() => server?.remove());

  async function openEmpty(): Promise<Database> {
    const database = await openDatabase({ url: server.url });
    await empty(server.url);
    return database;
  }

  describe("records", () => recordStoreContract(openEmpty));
  describe("the smaller ports", () => portsContract(openEmpty));
  describe("webhooks", () => webhooksContract(openEmpty));
  describe("tokens", () => tokensContract(openEmpty));
  describe("the times of steps", () => stepTimesContract(openEmpty));
  describe("campaigns", () => campaignsContract(openEmpty));
  describe("nodes", () => nodesContract(openEmpty));
  describe("boots of agents", () => agentBootsContract(openEmpty));
  describe("the fleet", () => fleetContract(openEmpty));
  describe("sweeping", () =>
    sweepContract(async () => {
      await (await openEmpty()).close();
      return openPostgres(server.url);
    }));
  describe("a life of a database", () => lineageContract(openEmpty));
  describe("secrets under a new key", () =>
    resealContract(async () => {
      await (await openEmpty()).close();
      return openPostgres(server.url);
    }));
  describe("retention", () =>
    retentionContract(async () => {
      await (await openEmpty()).close();
      return openPostgres(server.url);
    }));
  describe("the audit", () =>
    auditContract(async () => {
      await (await openEmpty()).close();
      return openPostgres(server.url);
    }));
  describe("what processes share about BMCs", () =>
    bmcSharingContract(async () => [await openEmpty(), await openDatabase({ url: server.url })]));
  describe("the lease of a BMC", () =>
    leaseContract(async () => {
      await (await openEmpty()).close();
      return [await openPostgres(server.url), await openPostgres(server.url)];
    }));
});
