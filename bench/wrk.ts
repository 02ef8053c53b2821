import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { getPackages } from "../test/media/packages.ts";

/** Ranges of one size, asked for one after another by so many readers, each on a connection that it keeps. */
export interface Reading {
  url: string;
  rangeBytes: number;
  /** Each range behind the last one, or anywhere. */
  order: "sequential" | "random";
  readers: number;
  seconds: number;
  /** Of what is read. */
  sizeBytes: number;
}

export interface HaveRead {
  requests: number;
  seconds: number;
  p50Ms: number;
  p99Ms: number;
}

/** Reads ranges with wrk, of which one thread outruns every server. */
export interface Wrk {
  /** @throws Error when an answer was none, or no success */
  read(reading: Reading): Promise<HaveRead>;
}

/** One script for all: wrk hands it what stands behind the URL. */
const SCRIPT = `
local size, count, next, random
function init(args)
  size, random, next = tonumber(args[1]), args[3] == "random", 0
  count = math.floor(tonumber(args[2]) / size)
  math.randomseed(tonumber(args[4]))
end
function request()
  local at = random and math.random(0, count - 1) or next % count
  next = next + 1
  return wrk.format("GET", nil, { ["Range"] = "bytes=" .. at * size .. "-" .. (at + 1) * size - 1 })
end
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format('\\n{"requests":%d,"seconds":%f,"errors":%d,"p50Ms":%f,"p99Ms":%f,"bytes":%d}\\n',
    summary.requests, summary.duration / 1e6, errors.connect + errors.read + errors.write + errors.status,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, summary.bytes))
end
`;

export async function openWrk(folder: string): Promise<Wrk> {
  const root = await getPackages("wrk", ["wrk", "libluajit-5.1-2", "libluajit-5.1-common"]);
  const script = join(folder, "ranges.lua");
  writeFileSync(script, SCRIPT);
  const env = { LD_LIBRARY_PATH: join(root, "usr/lib/x86_64-linux-gnu") };
  return {
    async read({ url, rangeBytes, order, readers, seconds, sizeBytes }) {
      const how = ["-t1", `-c${readers}`, `-d${seconds}s`, "--timeout", "30s", "-s", script, url];
      const told = [rangeBytes, sizeBytes, order, 1].map(String);
      const { stdout } = await promisify(execFile)(join(root, "usr/bin/wrk"), [...how, "--", ...told], {
        env,
      });
      const read = JSON.parse(stdout.trim().split("\n").at(-1)!) as HaveRead & {
        errors: number;
        bytes: number;
      };
      // Whatever answers with the whole, or with less, is not measured. Some answers were under way at the end.
      const least = read.requests * rangeBytes;
      const isRange =
        read.bytes >= least && read.bytes <= (read.requests + readers) * (rangeBytes + MOST_HEADER_BYTES);
      if (read.errors > 0 || !isRange) throw new Error(`${url} was not read as ranges:\n${stdout}`);
      return read;
    },
  };
}

const MOST_HEADER_BYTES = 1024;
