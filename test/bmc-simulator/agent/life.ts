import type { Server } from "node:http";
import { type Certificate, makeCertificate } from "../certificate.ts";
import { openApi, portOf } from "./api.ts";
import { createCommands } from "./commands.ts";
import type { Steering } from "./control.ts";
import { inventoryOf } from "./known-commands.ts";
import { askApi, type Settings, settingsOf } from "./lookup.ts";
import { type AgentOptions, type Json, objectAt } from "./options.ts";

/** `dead` idles for ever without a token; `exited` gave up its lookup; `gone` has lost its power. */
export type LifeState = "starting" | "serving" | "dead" | "exited" | "gone";

/** What lives longer than a process of the agent. */
export interface LifeParts {
  options: AgentOptions;
  steering: Steering;
  log: string[];
  executed: string[];
  sent: Map<string, Json>;
  /** When what happened last, in milliseconds since 1970. */
  last: { beatMs: number; commandMs: number };
  beats: number[];
}

/** Seconds of the agent, where it waits. */
const WAITS = { retryBeatS: 7.5, leastBetweenBeatsS: 5 };
/** The share of its timeout after which a heartbeat comes: by chance, so that agents begun together do not stay together. */
const BEAT_SHARE = { least: 0.3, most: 0.6 };

/** One process of the agent, from its start to its end. */
export class Life {
  state: LifeState = "starting";
  callbackUrl: string | undefined;
  certificate: Certificate | undefined;
  readonly #parts: LifeParts;
  readonly #scale: number;
  readonly #over = new AbortController();
  #settings: Settings | undefined;
  #server: Server | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lastBeatAt = 0;

  constructor(parts: LifeParts, shared: Certificate | undefined) {
    this.#parts = parts;
    this.#scale = 1000 * (parts.options.timeScale ?? 0.01);
    void this.#run(shared);
  }

  async end(): Promise<void> {
    this.state = "gone";
    this.#over.abort();
    clearTimeout(this.#timer);
    const closing = this.#server;
    this.#server = undefined;
    if (closing === undefined) return;
    closing.closeAllConnections();
    await new Promise((resolve) => closing.close(resolve));
  }

  async #run(shared: Certificate | undefined): Promise<void> {
    const { options, log } = this.#parts;
    const { signal } = this.#over;
    const nodeUuid = options.inspects === true ? await this.#inspect() : undefined;
    const found = await settingsOf(options, { log, signal, scale: this.#scale / 1000, nodeUuid });
    if (signal.aborted) return;
    if (typeof found === "string") return void (this.state = found);
    this.#settings = found;
    const isTls = options.tls !== false && found.version >= 68;
    this.certificate = isTls ? (shared ?? makeCertificate()) : undefined;
    await this.#serve(found);
    this.state = "serving";
    await this.#beat(found);
  }

  async #serve({ token }: Settings): Promise<void> {
    const { options, log, executed, sent, steering } = this.#parts;
    const commands = createCommands({
      options,
      steering,
      logs: () => log.join("\n"),
      onBegun(name, params) {
        executed.push(name);
        sent.set(name, params);
      },
      onEnded: () => this.#beatIn(this.#lastBeatAt + WAITS.leastBetweenBeatsS * this.#scale - Date.now()),
      onPower: (action) => {
        options.onPower?.(action);
        void this.end();
      },
    });
    const startedAt = Date.now() / 1000 + Math.random();
    const onRequest = (line: string): void => {
      log.push(line);
      if (line.startsWith("POST ")) this.#parts.last.commandMs = performance.timeOrigin + performance.now();
    };
    const api = { startedAt, token, commands, onRequest, steering, apiFault: options.apiFault };
    this.#server = await openApi(api, this.certificate);
    const scheme = this.certificate === undefined ? "http" : "https";
    this.callbackUrl = `${scheme}://127.0.0.1:${portOf(this.#server)}`;
  }

  #beatIn(ms: number): void {
    clearTimeout(this.#timer);
    if (this.state !== "serving" || this.#settings === undefined) return;
    const settings = this.#settings;
    this.#timer = setTimeout(() => void this.#beat(settings), Math.max(0, ms)).unref();
  }

  async #beat({ version, token, nodeUuid, heartbeatTimeoutS }: Settings): Promise<void> {
    const { options, log, beats } = this.#parts;
    const { signal } = this.#over;
    this.#lastBeatAt = Date.now();
    this.#parts.last.beatMs = performance.timeOrigin + performance.now();
    const body = {
      callback_url: this.callbackUrl,
      ...(version >= 62 ? { agent_token: token ?? null } : {}),
      ...(version >= 36 ? { agent_version: "12.0.1.dev12" } : {}),
      ...(this.certificate === undefined ? {} : { agent_verify_ca: this.certificate.cert }),
    };
    const { status } = await askApi(options, "POST", `/v1/heartbeat/${nodeUuid}`, { log, signal, body });
    if (signal.aborted) return;
    beats.push(status);
    const share = BEAT_SHARE.least + Math.random() * (BEAT_SHARE.most - BEAT_SHARE.least);
    this.#beatIn((status === 202 ? heartbeatTimeoutS * share : WAITS.retryBeatS) * this.#scale);
  }

  /** Before the lookup, without a version header; its answer names the node. */
  async #inspect(): Promise<string | undefined> {
    const { options, log } = this.#parts;
    const body = { inventory: inventoryOf(options), root_disk: null, configuration: {}, error: null };
    const asking = { log, signal: this.#over.signal, body };
    const answer = await askApi(options, "POST", "/v1/continue_inspection", asking);
    const uuid = objectAt(answer, "body")["uuid"];
    return answer.status < 400 && typeof uuid === "string" ? uuid : undefined;
  }
}
