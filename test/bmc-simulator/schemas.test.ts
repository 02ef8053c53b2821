import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { begin, type Client, endAll } from "./fixture.ts";
import { PROFILES } from "./index.ts";
import { BASE_MESSAGES, BOOT, MESSAGE, SCHEMAS, unfitIn } from "./schemas.ts";

/** In what real ones differ from the schemas, and the simulated ones as they do. */
const ODD: Record<string, { where: RegExp; why: string }> = {
  sushy: { where: /^ServiceRoot: Links is missing|links .*(Memory|Storage)/, why: "sushy-tools, measured" },
  "supermicro-x11": {
    where: /^VirtualMediaCollection: Members|^IsoConfig/,
    why: "the collection names IsoConfig alone (field notes 2.2)",
  },
};
/** Makers' own, whose schemas are not DMTF's. */
const MAKERS = ["DellAttributes", "IsoConfig"];

type Body = Record<string, unknown>;

describe("what simulated BMCs answer, by DMTF's schemas", () => {
  afterEach(endAll);

  /** Every resource that one leads to from the root, with the links that lead nowhere. */
  async function crawl(client: Client): Promise<{ bodies: Map<string, Body>; dead: string[] }> {
    const bodies = new Map<string, Body>();
    const dead: string[] = [];
    for (const queue = ["/redfish/v1/"]; queue.length > 0; ) {
      const path = queue.pop()!;
      if (bodies.has(path) || dead.includes(path)) continue;
      const { status, json } = await client.send("GET", path);
      if (status !== 200) dead.push(path);
      else {
        bodies.set(path, json as Body);
        queue.push(...linksIn(json));
      }
    }
    return { bodies, dead };
  }

  for (const { name } of Object.values(PROFILES))
    it(`${name}: has the properties that they name, of their types, and those that they require`, async () => {
      const { client } = await begin({ profile: name });
      await client.send("POST", "/redfish/v1/EventService/Subscriptions", {
        Destination: "http://127.0.0.1:9/",
        Protocol: "Redfish",
        Context: "schemas",
      });
      const { bodies, dead } = await crawl(client);
      assert.ok(bodies.size > 5, [...bodies.keys()].join());
      const found = [...bodies.values()].flatMap(judge);
      const links = dead.map((path) => `links ${path}`);
      const isOdd = (text: string) => ODD[name]?.where.test(text) === true;
      assert.deepEqual(
        [...found, ...links].filter((text) => !isOdd(text)),
        [],
      );
    });

  for (const { name } of Object.values(PROFILES).filter(({ dialect }) => dialect === "redfish"))
    it(`${name}: tells its versions, its service document, and every schema in its $metadata`, async () => {
      const { client } = await begin({ profile: name });
      assert.deepEqual((await client.send("GET", "/redfish")).json, { v1: "/redfish/v1/" });
      const document = (await client.send("GET", "/redfish/v1/odata")).json;
      assert.ok(document.value.some((one: Body) => one["url"] === "/redfish/v1/Systems"));
      const { headers, text } = await client.send("GET", "/redfish/v1/$metadata");
      assert.match(headers.get("content-type")!, /^application\/xml/);
      const { bodies } = await crawl(client);
      const types = new Set([...bodies.values()].map((body) => typeOf(body).full));
      const missing = [...types].filter(
        (type) => !text.includes(`Namespace="${type}"`) && !MAKERS.includes(type.split(".")[0]!),
      );
      assert.deepEqual(missing, []);
    });

  it("are errors with messages of the Base registry, whatever is refused", async () => {
    const { client } = await begin({ profile: "generic" });
    const refused = [
      await client.send("GET", "/redfish/v1/Nowhere"),
      await client.send("POST", "/redfish/v1/Systems/1", {}),
      await client.send("POST", "/redfish/v1/Systems/1/Actions/ComputerSystem.Reset", { ResetType: "Dance" }),
      await client.send("PATCH", "/redfish/v1/Systems/1", { Boot: { Nothing: 1 } }),
      await client.send("POST", "/redfish/v1/EventService/Subscriptions", {}),
    ];
    for (const { status, json } of refused) {
      assert.ok(status >= 400, String(status));
      const [said] = json.error["@Message.ExtendedInfo"];
      assert.deepEqual(unfitIn(said, MESSAGE), []);
      const [, id] = /^Base\.1\.13\.(\w+)$/.exec(said.MessageId) ?? [];
      assert.ok(BASE_MESSAGES.includes(id!), said.MessageId);
    }
  });

  it("name no message that the Base registry does not have", () => {
    const files = globSync(join(import.meta.dirname, "{redfish,profiles,tree}/*.ts"));
    const named = files.flatMap((file) =>
      [...readFileSync(file, "utf8").matchAll(/refuse\(\s*\d+,\s*"(\w+)"|messageId: "(\w+)"/g)].map(
        ([, one, other]) => one ?? other!,
      ),
    );
    assert.ok(named.length > 20, String(named.length));
    assert.deepEqual(
      [...new Set(named)].filter((id) => !BASE_MESSAGES.includes(id)),
      [],
    );
  });
});

function judge(body: Body): string[] {
  const { name, version } = typeOf(body);
  const schema = SCHEMAS[name];
  if (schema === undefined) return MAKERS.includes(name) ? [] : [`${name} is no schema that is known`];
  const missing = schema.required.filter((one) => !(one in body)).map((one) => `${one} is missing`);
  const other = version === schema.version ? [] : [`is of version ${version}`];
  const boot = name === "ComputerSystem" && "Boot" in body ? unfitIn(body["Boot"] as Body, BOOT) : [];
  return [...missing, ...other, ...unfitIn(body, schema.properties), ...boot].map(
    (text) => `${name}: ${text}`,
  );
}

/** `#ComputerSystem.v1_20_0.ComputerSystem` */
function typeOf(body: Body): { name: string; version: string | null; full: string } {
  const parts = String(body["@odata.type"]).replace("#", "").split(".");
  const version = parts.length > 2 ? parts[1]! : null;
  return { name: parts[0]!, version, full: version === null ? parts[0]! : `${parts[0]}.${version}` };
}

function linksIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(linksIn);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) =>
    typeof one === "string" && (name === "@odata.id" || name === "@Redfish.ActionInfo")
      ? [one]
      : linksIn(one),
  );
}
