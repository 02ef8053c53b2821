// A Redis in JavaScript for machines without redis-server: started as a child process, ends with its parent.
// It keeps everything in memory and listens on one unix socket, which only its own user may open.
import {
  createRedisCommandExecutor,
  RedisServerState,
  Resp2Server,
  resolveCompatibilityProfile,
} from "js-redis-server/core";

const path = process.argv[2];
if (path === undefined) throw new Error("the path of the socket is missing");

const compatibility = resolveCompatibilityProfile();
const resp = new Resp2Server({
  server: new RedisServerState({ databaseCount: 1, compatibility }),
  executor: createRedisCommandExecutor({ compatibility }),
});
// `resp.listen(port)` would listen on all addresses without a password. Its net.Server takes a path just as well.
process.umask(0o177);
resp.server.listen(path);

// The parent holds the other end of this pipe, so the pipe ends however the parent ends.
process.stdin.on("end", () => process.exit(0));
process.stdin.resume();
