import { join } from "node:path";
import { type CertificateFiles, readCertificate } from "./config/certificate.ts";
import { ConfigError, type Problem } from "./config/errors.ts";
import { gatherSettings, type Given } from "./config/gather.ts";
import { arrangeOidc, checkOidc, type OidcConfig } from "./config/oidc.ts";
import { checkProxies, type Proxies, readProxies, redactProxies } from "./config/proxies.ts";
import {
  defaultDataDir,
  type DiskImageFormat,
  PREFIX,
  type Role,
  SETTINGS,
  SITE_PREFIX,
} from "./config/settings.ts";
import { type Address, baseUrls, isLoopback } from "./config/values.ts";

export { type CertificateFiles, readCertificate } from "./config/certificate.ts";
export { ConfigError, type Problem } from "./config/errors.ts";
export { defaultDataDir, type Role } from "./config/settings.ts";
export type { Address } from "./config/values.ts";

/** Everything that can be set, checked and frozen: read once, at the start. */
export interface Config {
  /** `postgres://…`; undefined for SQLite in the data directory. May hold a password. */
  databaseUrl: string | undefined;
  /** Undefined for a private Redis. May hold a password. */
  redisUrl: string | undefined;
  /** Absolute. */
  dataDir: string;
  api: {
    listen: Address;
    /** Requests that one token may make in a minute. */
    requestsPerMinute: number;
    /** Addresses and CIDRs of proxies that are believed about whom they ask for. */
    proxies: readonly string[];
    /** With it the API speaks https alone. */
    tls: CertificateFiles | undefined;
    corsOrigins: readonly string[];
    /** By whom people log in to the dashboard, beside tokens. Its client secret is one. */
    oidc: OidcConfig | undefined;
    /** Whether `/metrics` needs no token. */
    metricsOpen: boolean;
  };
  /** Where metrics are shown beside the API, without a token; undefined for nowhere. */
  metricsListen: Address | undefined;
  provision: {
    listen: Address;
    /** With it https is spoken too, on an address of its own. */
    tls: (CertificateFiles & { listen: Address }) | undefined;
    /** Whether other processes listen there too. */
    isShared: boolean;
    /** Base URLs that BMCs are told, without trailing slashes; empty to find one's own. */
    urls: readonly string[];
    /** The same by site, in lower case. */
    bySite: ReadonlyMap<string, readonly string[]>;
    /** Who may read a disc. */
    discSources: "any" | "bmc";
  };
  agent: {
    /** PEM of the authorities that agents trust beside their own, when they call an https provisioning URL. */
    ca: string | undefined;
    /** File with the agent's default images, as the API takes them; undefined for none. May name secrets. */
    imagesFile: string | undefined;
    /** Image of the container in which CoreOS runs the agent. */
    container: string | undefined;
    /** Credentials of its registry, as Docker keeps them. A secret. */
    pullSecret: string | undefined;
  };
  /** Undefined for a key that is made in the data directory at the first start. */
  masterKeyFile: string | undefined;
  /** Undefined for one that is made in the data directory at the first start. A secret. */
  adminToken: string | undefined;
  /** Rows of quirks beside Trayload's own; undefined for none. */
  quirksFile: string | undefined;
  roles: readonly Role[];
  /** Looks at once. */
  workers: number;
  /** Deployments of all campaigns at once. */
  campaignConcurrent: number;
  /** For how long things are kept after their end, in milliseconds; null for ever. */
  keep: {
    deploymentsMs: number | null;
    operationsMs: number | null;
    eventsMs: number | null;
    logsMs: number | null;
    logsBytes: number;
    auditMs: number | null;
    /** Since their last use; nobody holds them. */
    imagesMs: number | null;
  };
  /** What becomes of deployments that were under way in a database that was restored. */
  afterRestore: "interrupt" | "resume";
  images: {
    /** Hosts, CIDRs and file paths that images may come from. */
    allow: readonly string[];
    cacheBytes: number;
    /** Formats of disk images that may be written. */
    formats: readonly DiskImageFormat[];
    /** Size and time that one image may take. */
    limits: { maxBytes: number; maxMs: number };
    checksums: {
      isRequired: boolean;
      /** Whether MD5 and SHA-1 count. */
      allowsWeak: boolean;
    };
    /** Proxies to image servers, by scheme, and what is reached directly. May hold passwords. */
    proxies: Proxies;
    oci: {
      /** Where to ask first for what lies below a registry or a part of it. */
      mirrors: readonly { from: string; to: string }[];
      /** Credentials as Docker keeps them. */
      authFile: string | undefined;
      /** A folder with `<host[:port]>/*.crt`. */
      certsFolder: string | undefined;
      plainHttp: readonly string[];
    };
  };
  /** ESP images, or folders with shim and GRUB, by architecture; undefined for the system's own. */
  bootloaders: { x86_64: string | undefined; aarch64: string | undefined };
  /** Hosts and CIDRs that webhooks may go to. */
  webhooks: { allow: readonly string[] };
  logLevel: string;
}

/**
 * Reads all settings: `overrides` over the environment over the file that `TRAYLOAD_CONFIG` names.
 *
 * @param overrides by variable name, what the command line says
 * @throws ConfigError naming every setting that cannot stand
 */
export function readConfig(env: NodeJS.ProcessEnv, overrides: Record<string, string> = {}): Config {
  const problems: Problem[] = [];
  const merged = { ...env, ...overrides };
  const given = gatherSettings(merged, problems);
  const values = readValues(given, problems);
  const bySite = readSites(given, problems);
  if (values === undefined || problems.length > 0) throw new ConfigError(problems);
  checkTogether(values, problems);
  checkProxies(merged, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  return deepFreeze(arrange(values, bySite, merged));
}

type Values = { [Name in keyof typeof SETTINGS]: ReturnType<(typeof SETTINGS)[Name]["parse"]> };

function readValues(given: Given, problems: Problem[]): Values | undefined {
  const values: Record<string, unknown> = {};
  const before = problems.length;
  for (const [name, schema] of Object.entries(SETTINGS)) {
    const parsed = schema.safeParse(given.get(name)?.text);
    if (parsed.success) values[name] = parsed.data;
    else {
      const setting = given.get(name)?.setting ?? PREFIX + name;
      problems.push({ setting, message: parsed.error.issues[0]!.message });
    }
  }
  return problems.length === before ? (values as Values) : undefined;
}

function readSites(given: Given, problems: Problem[]): Map<string, readonly string[]> {
  const bySite = new Map<string, readonly string[]>();
  for (const [name, { text, setting }] of given) {
    if (!name.startsWith(SITE_PREFIX)) continue;
    const parsed = baseUrls.safeParse(text);
    if (parsed.success) bySite.set(name.slice(SITE_PREFIX.length).toLowerCase(), parsed.data);
    else problems.push({ setting, message: parsed.error.issues[0]!.message });
  }
  return bySite;
}

/** Rules between settings. */
function checkTogether(values: Values, problems: Problem[]): void {
  const hasTls = checkCertificate("API", values, problems) !== undefined;
  checkCertificate("PROVISION", values, problems);
  checkOidc(values, problems);
  if (!isLoopback(values.API_LISTEN.host) && !hasTls && !values.API_INSECURE) {
    problems.push({
      setting: "TRAYLOAD_API_LISTEN",
      message:
        "is not a loopback address, and the API would show its tokens to the network: give it a certificate by " +
        "TRAYLOAD_API_TLS_CERT and TRAYLOAD_API_TLS_KEY, or put a proxy with TLS before it and set " +
        "TRAYLOAD_API_INSECURE=true",
    });
  }
  if (values.ADMIN_TOKEN !== undefined && values.ADMIN_TOKEN_FILE !== undefined) {
    problems.push({
      setting: "TRAYLOAD_ADMIN_TOKEN_FILE",
      message: "and TRAYLOAD_ADMIN_TOKEN exclude each other",
    });
  }
  if (values.ROLES.length < 3 && (values.DATABASE_URL === undefined || values.REDIS_URL === undefined)) {
    problems.push({
      setting: "TRAYLOAD_ROLES",
      message:
        "spreads the roles over processes, which need TRAYLOAD_DATABASE_URL and TRAYLOAD_REDIS_URL to share",
    });
  }
  if (values.PROVISION_SHARED && values.DATABASE_URL === undefined) {
    problems.push({
      setting: "TRAYLOAD_PROVISION_SHARED",
      message: "lets several processes answer on one port, which need TRAYLOAD_DATABASE_URL to answer alike",
    });
  }
}

/** @returns undefined where no certificate is given */
function certificateOf(whose: "API" | "PROVISION", values: Values): CertificateFiles | undefined {
  const certFile = values[`${whose}_TLS_CERT`];
  const keyFile = values[`${whose}_TLS_KEY`];
  return certFile === undefined || keyFile === undefined ? undefined : { certFile, keyFile };
}

function checkCertificate(
  whose: "API" | "PROVISION",
  values: Values,
  problems: Problem[],
): CertificateFiles | undefined {
  const setting = `TRAYLOAD_${whose}_TLS_CERT`;
  const files = certificateOf(whose, values);
  if ((values[`${whose}_TLS_CERT`] === undefined) !== (values[`${whose}_TLS_KEY`] === undefined))
    problems.push({ setting, message: `and TRAYLOAD_${whose}_TLS_KEY need each other` });
  if (files === undefined) return undefined;
  try {
    readCertificate(files);
  } catch (error) {
    problems.push({ setting, message: `and its key cannot be used: ${(error as Error).message}` });
  }
  return files;
}

function arrange(values: Values, bySite: Map<string, readonly string[]>, env: NodeJS.ProcessEnv): Config {
  const provisionTls = certificateOf("PROVISION", values);
  return {
    databaseUrl: values.DATABASE_URL,
    redisUrl: values.REDIS_URL,
    dataDir: values.DATA_DIR ?? defaultDataDir(env),
    api: {
      listen: values.API_LISTEN,
      requestsPerMinute: values.API_RATE,
      proxies: values.API_PROXIES,
      tls: certificateOf("API", values),
      corsOrigins: values.CORS_ORIGINS,
      oidc: arrangeOidc(values),
      metricsOpen: values.METRICS_OPEN,
    },
    metricsListen: values.METRICS_LISTEN,
    provision: {
      listen: values.PROVISION_LISTEN,
      tls: provisionTls && { ...provisionTls, listen: values.PROVISION_LISTEN_TLS },
      isShared: values.PROVISION_SHARED,
      urls: values.PROVISION_URL,
      bySite,
      discSources: values.DISC_SOURCES,
    },
    agent: {
      ca: values.AGENT_CA_FILE,
      imagesFile: values.AGENT_IMAGES_FILE,
      container: values.AGENT_CONTAINER,
      pullSecret: values.AGENT_PULL_SECRET_FILE,
    },
    masterKeyFile: values.MASTER_KEY_FILE,
    adminToken: values.ADMIN_TOKEN ?? values.ADMIN_TOKEN_FILE,
    quirksFile: values.QUIRKS_FILE,
    keep: {
      deploymentsMs: values.KEEP_DEPLOYMENTS,
      operationsMs: values.KEEP_OPERATIONS,
      eventsMs: values.KEEP_EVENTS,
      logsMs: values.KEEP_LOGS,
      logsBytes: values.KEEP_LOGS_BYTES,
      auditMs: values.KEEP_AUDIT,
      imagesMs: values.KEEP_IMAGES,
    },
    afterRestore: values.AFTER_RESTORE,
    roles: values.ROLES,
    workers: values.WORKERS,
    campaignConcurrent: values.CAMPAIGN_CONCURRENT,
    bootloaders: { x86_64: values.BOOTLOADER_X86_64, aarch64: values.BOOTLOADER_AARCH64 },
    images: {
      allow: values.IMAGE_ALLOW,
      cacheBytes: values.IMAGE_CACHE_BYTES,
      formats: values.IMAGE_FORMATS,
      limits: {
        maxBytes: values.IMAGE_MAX_BYTES ?? values.IMAGE_CACHE_BYTES,
        maxMs: values.IMAGE_TIMEOUT_MS,
      },
      checksums: {
        isRequired: values.IMAGE_CHECKSUMS === "require",
        allowsWeak: values.IMAGE_WEAK_CHECKSUMS,
      },
      proxies: readProxies(env),
      oci: {
        mirrors: values.OCI_MIRRORS,
        authFile: values.OCI_AUTH_FILE,
        certsFolder: values.OCI_CERTS,
        plainHttp: values.OCI_PLAIN_HTTP,
      },
    },
    webhooks: { allow: values.WEBHOOK_ALLOW },
    logLevel: values.LOG_LEVEL,
  };
}

function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (typeof part === "object" && part !== null) deepFreeze(part);
  return Object.freeze(value);
}

/** What may be printed: no token, and of URLs neither user info nor query. */
export function redactConfig(config: Config): Record<string, unknown> {
  return {
    ...config,
    databaseUrl: bare(config.databaseUrl) ?? `SQLite in ${join(config.dataDir, "trayload.db")}`,
    redisUrl: bare(config.redisUrl) ?? "a private Redis",
    provision: { ...config.provision, bySite: Object.fromEntries(config.provision.bySite) },
    api: { ...config.api, oidc: redactOidc(config.api.oidc) },
    images: { ...config.images, proxies: redactProxies(config.images.proxies) },
    agent: { ...config.agent, pullSecret: config.agent.pullSecret === undefined ? "none" : "given" },
    adminToken: config.adminToken === undefined ? "made at the first start" : "given",
  };
}

function redactOidc(oidc: OidcConfig | undefined): unknown {
  return oidc && { ...oidc, clientSecret: oidc.clientSecret === undefined ? "none" : "given" };
}

function bare(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const { protocol, host, pathname } = new URL(text);
  return `${protocol}//${host}${pathname}`;
}
