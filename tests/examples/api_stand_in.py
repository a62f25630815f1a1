"""api_stand_in.py TOKEN: answers as the HTTP API does to one change: 202, then 404 until it is taken in, then final. Prints its port, then
each change that it was given, a line each."""

import http.server
import json
import sys
import urllib.parse


class api(http.server.BaseHTTPRequestHandler):
    asked = 0

    def answer(self, code, body):
        text = json.dumps(body, separators=(",", ":")).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json" if code < 400 else "application/problem+json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def refused(self):
        if self.headers["Authorization"] == f"Bearer {sys.argv[1]}":
            return False
        self.answer(401, {"status": 401})
        return True

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.refused():
            return
        if self.path != "/api/v1/changes" or self.headers["Content-Type"] != "application/cloudevents+json":
            return self.answer(404, {"status": 404})
        event = json.loads(body)
        print(json.dumps(event), flush=True)
        self.answer(202, {"accepted": [{"id": event["id"], "source": event["source"]}], "refused": []})

    def do_GET(self):
        if self.refused():
            return
        path, _, query = self.path.partition("?")
        api.asked += 1
        if api.asked < 2 or urllib.parse.parse_qs(query) != {"source": ["urn:example:crm"]}:
            return self.answer(404, {"status": 404})
        self.answer(200, {"id": path.rsplit("/", 1)[1], "state": "applied", "final": True})

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), api)
print(f"port {server.server_address[1]}", flush=True)
server.serve_forever()
