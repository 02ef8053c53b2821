import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SETTINGS } from "../../src/config/settings.ts";
import { type Config, ConfigError, readConfig, redactConfig } from "../../src/config.ts";

/** The problems of an environment, as "VARIABLE message". */
function problemsOf(env: Record<string, string>): string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ setting, message }) => `${setting} ${message}`);
  }
  return [];
}

function withFile<T>(content: string, use: (file: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "config-"));
  const file = join(folder, "trayload.yaml");
  writeFileSync(file, content);
  try {
    return use(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("config", () => {
  it("of nothing is a server on loopback with everything in the user's data folder", () => {
    const config = readConfig({ XDG_DATA_HOME: "/home/ann/data" });

    assert.deepEqual(config.api.listen, { host: "127.0.0.1", port: 8080 });
    assert.deepEqual(config.provision.listen, { host: undefined, port: 8090 });
    assert.equal(config.dataDir, "/home/ann/data/trayload");
    assert.deepEqual(config.roles, ["api", "worker", "provision"]);
    assert.equal(config.databaseUrl, undefined);
  });

  describe("of a provider of log-ins", () => {
    const PROVIDER = {
      TRAYLOAD_API_PUBLIC_URL: "https://trayload.example/",
      TRAYLOAD_OIDC_ISSUER: "https://sso.example/realms/lab",
      TRAYLOAD_OIDC_CLIENT_ID: "trayload",
    };
    const rules = (text: string, use: (file: string) => void) => withFile(text, use);

    it("has rules that give roles by claims", () =>
      rules("- {claim: groups, value: red, role: operator, scope: {team: red}}", (file) => {
        const { oidc } = readConfig({ ...PROVIDER, TRAYLOAD_OIDC_RULES_FILE: file }).api;
        assert.equal(oidc?.redirectUrl, "https://trayload.example/v1/session/oidc/callback");
        assert.equal(oidc.label, "sso.example");
        assert.deepEqual(oidc.rules, [
          { claim: "groups", value: "red", role: "operator", scope: { team: "red" } },
        ]);
      }));

    it("keeps its secret to itself", () =>
      rules("- {claim: a, value: b, role: admin}", (file) =>
        withFile("canary\n", (secret) => {
          const files = { TRAYLOAD_OIDC_RULES_FILE: file, TRAYLOAD_OIDC_CLIENT_SECRET_FILE: secret };
          const config = readConfig({ ...PROVIDER, ...files });
          assert.equal(config.api.oidc?.clientSecret, "canary");
          assert.doesNotMatch(JSON.stringify(redactConfig(config)), /canary/);
        }),
      ));

    it("is whole or not at all", () => {
      assert.deepEqual(problemsOf({ TRAYLOAD_OIDC_CLIENT_ID: "x" }), [
        "TRAYLOAD_OIDC_CLIENT_ID needs TRAYLOAD_OIDC_ISSUER",
      ]);
      assert.deepEqual(problemsOf(PROVIDER), ["TRAYLOAD_OIDC_ISSUER needs TRAYLOAD_OIDC_RULES_FILE"]);
      const plain = problemsOf({ ...PROVIDER, TRAYLOAD_OIDC_ISSUER: "http://sso.example" });
      assert.match(plain.join(), /^TRAYLOAD_OIDC_ISSUER must be an https:\/\/ URL/);
      for (const text of [
        "- {claim: a, value: b, role: king}",
        "{}",
        "- {claim: a, value: b, role: admin, scope: {x: y}}",
      ])
        rules(text, (file) => {
          const [problem] = problemsOf({ ...PROVIDER, TRAYLOAD_OIDC_RULES_FILE: file });
          assert.match(problem!, /^TRAYLOAD_OIDC_RULES_FILE names .* which must be a list/);
        });
    });
  });

  it("keeps its data where systemd says", () =>
    assert.equal(readConfig({ STATE_DIRECTORY: "/var/lib/trayload" }).dataDir, "/var/lib/trayload"));

  it("reads every kind of value", () => {
    const config = readConfig({
      TRAYLOAD_API_LISTEN: "[::1]:0",
      TRAYLOAD_PROVISION_LISTEN: "*:9000",
      TRAYLOAD_PROVISION_URL: "http://10.0.0.5:8090/, http://[fd00::5]:8090",
      TRAYLOAD_PROVISION_URL_AMS1: "https://discs.ams1.example.org",
      TRAYLOAD_IMAGE_CACHE_BYTES: "5GiB",
      TRAYLOAD_IMAGE_ALLOW: "mirror.example.org, /srv/iso",
      TRAYLOAD_IMAGE_CHECKSUMS: "require",
      TRAYLOAD_IMAGE_FORMATS: "raw, qcow2, vmdk",
      TRAYLOAD_OCI_MIRRORS: "quay.io/agents=http://mirror.example:5000/quay",
      TRAYLOAD_OCI_CERTS: "/etc/docker/certs.d",
      TRAYLOAD_OCI_PLAIN_HTTP: "lab.example:5000",
      HTTPS_PROXY: "user:canary@proxy.example:3128",
      no_proxy: "10.0.0.0, .lan",
      TRAYLOAD_METRICS_OPEN: "true",
      TRAYLOAD_WORKERS: "4",
    });

    assert.deepEqual(config.api.listen, { host: "::1", port: 0 });
    assert.deepEqual(config.provision.listen, { host: undefined, port: 9000 });
    assert.deepEqual(config.provision.urls, ["http://10.0.0.5:8090", "http://[fd00::5]:8090"]);
    assert.deepEqual(config.provision.bySite.get("ams1"), ["https://discs.ams1.example.org"]);
    assert.deepEqual(config.images, {
      allow: ["mirror.example.org", "/srv/iso"],
      cacheBytes: 5 * 2 ** 30,
      limits: { maxBytes: 5 * 2 ** 30, maxMs: 86_400_000 },
      checksums: { isRequired: true, allowsWeak: false },
      formats: ["raw", "qcow2", "vmdk"],
      proxies: { https: "http://user:canary@proxy.example:3128", none: ["10.0.0.0", ".lan"] },
      oci: {
        mirrors: [{ from: "quay.io/agents", to: "http://mirror.example:5000/quay" }],
        authFile: undefined,
        certsFolder: "/etc/docker/certs.d",
        plainHttp: ["lab.example:5000"],
      },
    });
    assert.ok(!JSON.stringify(redactConfig(config)).includes("canary"));
    assert.equal(config.api.metricsOpen, true);
    assert.equal(config.workers, 4);
  });

  it("names everything that is wrong at once, each with its remedy", () =>
    assert.deepEqual(
      problemsOf({ TRAYLOAD_API_LISTEN: "8080", TRAYLOAD_WORKERS: "many", TRAYLOAD_LOG_LEVEL: "loud" }),
      [
        "TRAYLOAD_API_LISTEN must be HOST:PORT, such as 127.0.0.1:8080, [::1]:8080, or :8080 for all addresses",
        "TRAYLOAD_WORKERS must be a whole number from 1 to 1000",
        "TRAYLOAD_LOG_LEVEL must be trace, debug, info, warn, error, fatal or silent",
      ],
    ));

  for (const [name, value] of [
    ["DATABASE_URL", "mysql://u:canary@db"],
    ["REDIS_URL", "localhost:canary"],
    ["ADMIN_TOKEN", "canary"],
    ["PROVISION_URL", "http://u:canary@10.0.0.5"],
    ["CORS_ORIGINS", "https://a.example.org/path"],
    ["IMAGE_CACHE_BYTES", "0"],
    ["IMAGE_FORMATS", "raw,iso"],
    ["ROLES", "api,cook"],
    ["API_LISTEN", "localhost:70000"],
    ["API_INSECURE", "maybe"],
    ["DISC_SOURCES", "some"],
    ["AGENT_CA_FILE", "/does/not/exist"],
    ["ADMIN_TOKEN_FILE", "/does/not/exist"],
  ] as const) {
    it(`refuses ${name}=${value} and does not repeat a secret`, () => {
      const problems = problemsOf({ [`TRAYLOAD_${name}`]: value });

      assert.equal(problems.length, 1);
      assert.match(problems[0]!, new RegExp(`^TRAYLOAD_${name} `));
      assert.doesNotMatch(problems[0]!, /canary/);
    });
  }

  it("does not pass over a name it does not know, and guesses what was meant", () =>
    assert.deepEqual(problemsOf({ TRAYLOAD_API_LISTN: "x", TRAYLOAD_SINGS: "y" }), [
      "TRAYLOAD_API_LISTN is not a setting: did you mean TRAYLOAD_API_LISTEN?",
      "TRAYLOAD_SINGS is not a setting: remove it",
    ]));

  it("passes over what the command line reads, and takes an empty variable for none", () =>
    assert.deepEqual(
      problemsOf({
        TRAYLOAD_URL: "http://x",
        TRAYLOAD_TOKEN: "tl_x",
        TRAYLOAD_IMAGE_PASSWORD: "x",
        TRAYLOAD_REDIS_URL: "",
      }),
      [],
    ));

  it("opens the API to the network only when told that this is meant", () => {
    for (const listen of ["0.0.0.0:8080", ":8080", "10.0.0.5:8080"]) {
      assert.match(problemsOf({ TRAYLOAD_API_LISTEN: listen })[0]!, /TRAYLOAD_API_INSECURE=true/);
      assert.deepEqual(problemsOf({ TRAYLOAD_API_LISTEN: listen, TRAYLOAD_API_INSECURE: "true" }), []);
    }
  });

  it("spreads roles over processes only where these have something to share", () => {
    assert.match(
      problemsOf({ TRAYLOAD_ROLES: "worker" })[0]!,
      /TRAYLOAD_DATABASE_URL and TRAYLOAD_REDIS_URL/,
    );
    const shared = { TRAYLOAD_DATABASE_URL: "postgres://db/t", TRAYLOAD_REDIS_URL: "redis://cache" };
    assert.deepEqual(readConfig({ TRAYLOAD_ROLES: "worker", ...shared }).roles, ["worker"]);
  });

  it("lets processes share a port only where they share what they answer from", () => {
    assert.match(problemsOf({ TRAYLOAD_PROVISION_SHARED: "true" })[0]!, /TRAYLOAD_DATABASE_URL/);
    const shared = { TRAYLOAD_PROVISION_SHARED: "true", TRAYLOAD_DATABASE_URL: "postgres://db/t" };
    assert.equal(readConfig(shared).provision.isShared, true);
  });

  it("reads the admin token from a file", () => {
    const token = `tl_${"a".repeat(43)}`;
    withFile(`${token}\n`, (file) => {
      assert.equal(readConfig({ TRAYLOAD_ADMIN_TOKEN_FILE: file }).adminToken, token);
      assert.match(
        problemsOf({ TRAYLOAD_ADMIN_TOKEN_FILE: file, TRAYLOAD_ADMIN_TOKEN: token })[0]!,
        /exclude/,
      );
    });
  });

  describe("in a YAML file", () => {
    it("has the same names in lower case, and the environment wins", () =>
      withFile(
        "workers: 3\nlog_level: debug\nroles: [worker, api, provision]\nprovision_url_ams1: http://a\n",
        (file) => {
          const config = readConfig({ TRAYLOAD_CONFIG: file, TRAYLOAD_LOG_LEVEL: "warn" });

          assert.equal(config.workers, 3);
          assert.equal(config.logLevel, "warn");
          assert.deepEqual(config.provision.bySite.get("ams1"), ["http://a"]);
        },
      ));

    it("is refused with the line's name where a value or a name is wrong", () =>
      withFile("workers: {}\nlog_levl: debug\n", (file) =>
        assert.deepEqual(problemsOf({ TRAYLOAD_CONFIG: file }), [
          `workers (in ${file}) must be a text, a number, true, false or a list`,
          `log_levl (in ${file}) is not a setting: did you mean log_level?`,
        ]),
      ));

    it("is refused without its content where it is broken or missing", () => {
      withFile('admin_token: "canary\n', (file) => {
        const [problem] = problemsOf({ TRAYLOAD_CONFIG: file });
        assert.match(problem!, /cannot be read \(MISSING_CHAR\)/);
        assert.doesNotMatch(problem!, /canary/);
      });
      assert.match(problemsOf({ TRAYLOAD_CONFIG: "/does/not/exist" })[0]!, /ENOENT/);
    });
  });

  it("cannot be changed afterwards", () => {
    const config = readConfig({}) as { workers: number } & Config;
    assert.throws(() => (config.workers = 1), TypeError);
    assert.throws(() => ((config.api.listen as { port: number }).port = 1), TypeError);
  });

  it("is printed without its secrets", () => {
    const config = readConfig({
      TRAYLOAD_DATABASE_URL: "postgres://u:canary1@db:5432/t?password=canary2",
      TRAYLOAD_REDIS_URL: "redis://:can@ry3@cache:6379/2",
      TRAYLOAD_ADMIN_TOKEN: `tl_canary4${"a".repeat(40)}`,
    });

    const printed = JSON.stringify(redactConfig(config));

    assert.doesNotMatch(printed, /can.?ry/);
    assert.match(printed, /postgres:\/\/db:5432\/t/);
    assert.match(printed, /redis:\/\/cache:6379\/2/);
  });

  it("is documented, every setting", () => {
    const page = readFileSync(join(import.meta.dirname, "../../docs/configuration.md"), "utf8");
    const missing = Object.keys(SETTINGS).filter((name) => !page.includes(`\`TRAYLOAD_${name}\``));
    assert.deepEqual(missing, []);
  });
});
