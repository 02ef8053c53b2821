import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { OIDC_SETTINGS } from "./oidc.ts";
import {
  address,
  age,
  baseUrls,
  bool,
  bytes,
  certificates,
  fileText,
  list,
  mirrors,
  networks,
  origins,
  path,
  token,
  tokenFile,
  urlOf,
  whole,
} from "./values.ts";

const DAY_MS = 86_400_000;

const ROLES = ["api", "worker", "provision"] as const;
export type Role = (typeof ROLES)[number];

/** Formats of disk images of which an operator may permit some. */
const DISK_IMAGE_FORMATS = ["raw", "gpt", "qcow2", "vmdk", "vdi", "vhd", "vhdx"] as const;
export type DiskImageFormat = (typeof DISK_IMAGE_FORMATS)[number];

/** Every setting of the server by its variable without `TRAYLOAD_`; a YAML file has the same names in lower case. */
export const SETTINGS = {
  DATABASE_URL: urlOf("postgres:", "postgresql:").optional(),
  REDIS_URL: urlOf("redis:", "rediss:").optional(),
  DATA_DIR: path.optional(),
  API_LISTEN: address.default({ host: "127.0.0.1", port: 8080 }),
  API_TLS_CERT: path.optional(),
  API_TLS_KEY: path.optional(),
  API_INSECURE: bool.default(false),
  API_PROXIES: networks.default([]),
  API_RATE: whole(60, 10_000_000).default(60_000),
  ...OIDC_SETTINGS,
  CORS_ORIGINS: origins.default([]),
  METRICS_OPEN: bool.default(false),
  METRICS_LISTEN: address.optional(),
  PROVISION_LISTEN: address.default({ host: undefined, port: 8090 }),
  PROVISION_LISTEN_TLS: address.default({ host: undefined, port: 8443 }),
  PROVISION_TLS_CERT: path.optional(),
  PROVISION_TLS_KEY: path.optional(),
  PROVISION_SHARED: bool.default(false),
  PROVISION_URL: baseUrls.default([]),
  AGENT_CA_FILE: certificates.optional(),
  AGENT_IMAGES_FILE: path.optional(),
  AGENT_CONTAINER: z.string().min(1).optional(),
  AGENT_PULL_SECRET_FILE: fileText.optional(),
  DISC_SOURCES: z.enum(["any", "bmc"], { error: "must be any or bmc" }).default("any"),
  MASTER_KEY_FILE: path.optional(),
  ADMIN_TOKEN: token.optional(),
  ADMIN_TOKEN_FILE: tokenFile.optional(),
  QUIRKS_FILE: path.optional(),
  KEEP_DEPLOYMENTS: age.default(365 * DAY_MS),
  KEEP_OPERATIONS: age.default(30 * DAY_MS),
  KEEP_EVENTS: age.default(90 * DAY_MS),
  KEEP_LOGS: age.default(14 * DAY_MS),
  KEEP_LOGS_BYTES: bytes.default(2 * 2 ** 30),
  KEEP_AUDIT: age.default(null),
  KEEP_IMAGES: age.default(null),
  AFTER_RESTORE: z
    .enum(["interrupt", "resume"], { error: "must be interrupt or resume" })
    .default("interrupt"),
  ROLES: list
    .pipe(
      z
        .array(z.enum(ROLES, { error: `must be some of ${ROLES.join(", ")}` }))
        .min(1, { error: "must name a role" }),
    )
    .default([...ROLES]),
  WORKERS: whole(1, 1000).default(300),
  CAMPAIGN_CONCURRENT: whole(1, 100_000).default(200),
  BOOTLOADER_X86_64: path.optional(),
  BOOTLOADER_AARCH64: path.optional(),
  IMAGE_ALLOW: list.default([]),
  IMAGE_CACHE_BYTES: bytes.default(20 * 2 ** 30),
  IMAGE_MAX_BYTES: bytes.optional(),
  IMAGE_TIMEOUT_MS: whole(1000, 7 * 86_400_000).default(86_400_000),
  IMAGE_CHECKSUMS: z
    .enum(["optional", "require"], { error: "must be optional or require" })
    .default("optional"),
  IMAGE_WEAK_CHECKSUMS: bool.default(false),
  IMAGE_FORMATS: list
    .pipe(
      z
        .array(z.enum(DISK_IMAGE_FORMATS, { error: `must be some of ${DISK_IMAGE_FORMATS.join(", ")}` }))
        .min(1, { error: "must name a format" }),
    )
    .default(["raw", "gpt", "qcow2"]),
  OCI_MIRRORS: mirrors.default([]),
  OCI_AUTH_FILE: path.optional(),
  OCI_CERTS: path.optional(),
  OCI_PLAIN_HTTP: list.default([]),
  WEBHOOK_ALLOW: list.default([]),
  LOG_LEVEL: z
    .enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"], {
      error: "must be trace, debug, info, warn, error, fatal or silent",
    })
    .default("info"),
} as const;

/** Variables of ours that the server passes over: the command line's, the tests', and the name of the file. */
export const OTHERS = [
  "URL",
  "TOKEN",
  "BMC_PASSWORD",
  "IMAGE_PASSWORD",
  "CALLBACK_SECRET",
  "WEBHOOK_SECRET",
  "MOCKUPS",
  "CONFIG",
];
export const PREFIX = "TRAYLOAD_";
/** `TRAYLOAD_PROVISION_URL_<SITE>`. */
export const SITE_PREFIX = "PROVISION_URL_";

/**
 * Where everything is kept unless told otherwise: systemd's `StateDirectory=`, else the user's folder for data (XDG Base
 * Directory Specification), so that server and command line agree from whatever folder they are started.
 */
export function defaultDataDir(env: NodeJS.ProcessEnv): string {
  if (env["STATE_DIRECTORY"]) return env["STATE_DIRECTORY"];
  return join(env["XDG_DATA_HOME"] || join(homedir(), ".local", "share"), "trayload");
}
