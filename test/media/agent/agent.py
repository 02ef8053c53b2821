"""An agent as small as it can be, which really writes the disk of the machine that it runs on.

It speaks what ironic-python-agent was recorded to speak: lookup and heartbeat towards the server, and the commands of a
deployment over https with a certificate that its heartbeat shows. Written for the tests from that record.
"""
import base64
import gzip
import hashlib
import http.client
import http.server
import json
import os
import ssl
import struct
import subprocess
import threading
import time
import urllib.parse
import uuid
import zlib

DISK = "/dev/sda"
SECTOR = 512
STARTED_AT = time.time()
VERSION = {"hardware_manager_version": {"generic_hardware_manager": "1.2"}}


def say(*words):
    print("AGENT", *words, flush=True)


def kernel_line():
    with open("/proc/cmdline") as file:
        words = file.read().split()
    return dict(word.split("=", 1) for word in words if "=" in word)


ARGS = kernel_line()
TOKEN = ARGS["ipa-agent-token"]


def ask(method, url, body=None, headers=None):
    """One exchange with the host, which is 10.0.2.2 in here; gives the answer when its headers are there."""
    parts = urllib.parse.urlsplit(url)
    host = "10.0.2.2" if parts.hostname in ("127.0.0.1", "localhost") else parts.hostname
    connection = http.client.HTTPConnection(host, parts.port or 80, timeout=30)
    target = parts.path + ("?" + parts.query if parts.query else "")
    data = None if body is None else json.dumps(body)
    sent = {"Content-Type": "application/json", "Accept": "application/json", **(headers or {})}
    connection.request(method, target, data, sent)
    return connection.getresponse()


def mac():
    with open("/sys/class/net/eth0/address") as file:
        return file.read().strip()


def look_up(api):
    version = json.load(ask("GET", api + "/"))["default_version"]["version"]
    addresses = urllib.parse.quote(mac(), safe="")
    while True:
        answer = ask("GET", api + "/v1/lookup?addresses=" + addresses,
                     headers={"X-OpenStack-Ironic-API-Version": "1.62"})
        body = answer.read()
        if answer.status == 200:
            return version, json.loads(body)
        say("lookup", answer.status)
        time.sleep(1)


class Commands:
    def __init__(self):
        self.lock = threading.Lock()
        self.results = []
        self.ended = threading.Event()

    def begin(self, name, params):
        extension, _, plain = name.partition(".")
        with self.lock:
            if any(one["command_status"] == "RUNNING" for one in self.results):
                return None
            result = {"id": str(uuid.uuid4()), "command_name": plain, "command_status": "RUNNING",
                      "command_error": None, "command_result": None}
            self.results.append(result)
        say("command", name, params.get("step", {}).get("step", ""))
        if plain in ("execute_deploy_step", "power_off"):
            threading.Thread(target=self.run, args=(plain, params, result), daemon=True).start()
            return dict(result)
        self.run(plain, params, result)
        return dict(result)

    def run(self, plain, params, result):
        try:
            result["command_result"] = getattr(self, plain)(params)
            result["command_status"] = "SUCCEEDED"
        except Exception as error:
            say("failed", type(error).__name__, error)
            result["command_error"] = {"type": type(error).__name__, "code": 500, "message": str(error),
                                       "details": str(error)}
            result["command_status"] = "FAILED"
        if plain == "execute_deploy_step":
            self.ended.set()

    def get_deploy_steps(self, _params):
        step = {"step": "write_image", "priority": 0, "interface": "deploy", "reboot_requested": False}
        return {"deploy_steps": {"GenericHardwareManager": [step]}, **VERSION}

    def execute_deploy_step(self, params):
        step = params["step"]
        if step["step"] != "write_image":
            raise ValueError("no such step")
        return {"deploy_result": write_image(**step["args"]), "deploy_step": step}

    def get_partition_uuids(self, _params):
        return {"root uuid": "0x00000000"}

    def sync(self, _params):
        os.sync()

    def collect_system_logs(self, _params):
        return {"system_logs": base64.b64encode(gzip.compress(b"")).decode()}

    def power_off(self, _params):
        os.sync()
        time.sleep(0.5)
        subprocess.run(["poweroff", "-f"])


class ImageChecksumError(Exception):
    pass


def write_image(image_info, configdrive=None):
    if image_info["disk_format"] != "raw" or not image_info["stream_raw_images"]:
        raise ValueError("this agent streams raw images only")
    answer = ask("GET", image_info["urls"][0])
    if answer.status != 200:
        raise OSError("the image's server answered %d" % answer.status)
    digest = hashlib.new(image_info["os_hash_algo"])
    size = 0
    with open(DISK, "rb+", buffering=0) as disk:
        while chunk := answer.read(1 << 20):
            digest.update(chunk)
            disk.write(chunk)
            size += len(chunk)
        if digest.hexdigest() != image_info["os_hash_value"]:
            raise ImageChecksumError(digest.hexdigest())
        if configdrive is not None:
            write_config_drive(disk, gzip.decompress(base64.b64decode(configdrive)))
        os.fsync(disk.fileno())
    say("wrote", size, "bytes and", "a" if configdrive else "no", "config drive")
    return {"result": "prepare_image: image (%s) written to device %s" % (image_info["id"], DISK)}


def write_config_drive(disk, drive):
    """Puts it into a partition of its own behind all others, as the second of the GPT that the image brought."""
    end = disk.seek(0, os.SEEK_END) // SECTOR
    first = end - 64 * 2048
    disk.seek(first * SECTOR)
    disk.write(drive + bytes(-len(drive) % SECTOR))
    disk.seek(SECTOR)
    header = bytearray(disk.read(92))
    table_at, count, size = struct.unpack_from("<QII", header, 72)
    disk.seek(table_at * SECTOR)
    table = bytearray(disk.read(count * size))
    kind = uuid.UUID("0fc63daf-8483-4772-8e79-3d69d8477de4").bytes_le
    struct.pack_into("<16s16sQQQ", table, size, kind, uuid.uuid4().bytes_le, first, end - 40, 0)
    disk.seek(table_at * SECTOR)
    disk.write(table)
    struct.pack_into("<Q", header, 48, end - 34)
    struct.pack_into("<I", header, 88, zlib.crc32(table))
    struct.pack_into("<I", header, 16, 0)
    struct.pack_into("<I", header, 16, zlib.crc32(header))
    disk.seek(SECTOR)
    disk.write(header + bytes(SECTOR - len(header)))


COMMANDS = Commands()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_words):
        pass

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def fault(self, status, words):
        self.answer(status, {"faultcode": "Client", "faultstring": words})

    def route(self):
        parts = urllib.parse.urlsplit(self.path)
        token = urllib.parse.parse_qs(parts.query).get("agent_token", [""])[0]
        return parts.path, token == TOKEN

    def do_GET(self):
        path, is_known = self.route()
        if path == "/v1/status":
            return self.answer(200, {"started_at": STARTED_AT, "version": "test"})
        if not is_known:
            return self.fault(401, "401 Unauthorized: Token invalid.")
        if path == "/v1/commands/":
            return self.answer(200, {"commands": COMMANDS.results})
        for result in COMMANDS.results:
            if path == "/v1/commands/" + result["id"]:
                return self.answer(200, result)
        self.fault(404, "Not found")

    def do_POST(self):
        path, is_known = self.route()
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not is_known:
            return self.fault(401, "401 Unauthorized: Token invalid.")
        if path != "/v1/commands/":
            return self.fault(404, "Not found")
        result = COMMANDS.begin(body["name"], body["params"])
        if result is None:
            return self.fault(409, "Agent is busy")
        self.answer(200, result)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True


def serve(port):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain("/certificate.pem", "/key.pem")
    server = Server(("0.0.0.0", port), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()


def heartbeat(api, node, pause):
    with open("/certificate.pem") as file:
        certificate = file.read()
    callback = "https://%s:%s" % (ARGS.get("ipa-advertise-host", "10.0.2.15"), ARGS.get("ipa-advertise-port", "9999"))
    beat = {"callback_url": callback, "agent_token": TOKEN, "agent_version": "test", "agent_verify_ca": certificate}
    answer = ask("POST", api + "/v1/heartbeat/" + node, beat)
    answer.read()
    say("heartbeat", answer.status)
    COMMANDS.ended.wait(pause if answer.status == 202 else 5)
    COMMANDS.ended.clear()


def main():
    api = ARGS["ipa-api-url"].rstrip("/")
    version, known = look_up(api)
    say("looked up by", mac(), "api", version)
    serve(9999)
    while True:
        try:
            heartbeat(api, known["node"]["uuid"], known["config"]["heartbeat_timeout"] * 0.3)
        except OSError as error:
            say("no heartbeat:", error)
            time.sleep(5)


main()
