#!/usr/bin/python3
"""The front of the media example: takes uploads of videos, and only enqueues.

    front.py --dsn DSN --store FOLDER --port-file FILE [--listen ADDRESS:PORT]

    POST /videos?name=NAME&height=180  the file as the body; 202, and its id
    GET  /videos                       the last ones, as JSON
    GET  /videos/ID                    one of them: "state" is "queued" or "done"
    GET  /videos/ID/result             the result
    GET  /                             a page to try it with

An upload is a file in the store, a row, and a message; row and message are
committed together, when the file is complete. Whoever has got the answer 202
may rely on it that the video will be worked on. Any number of these can run
beside each other, before the same database and the same store.
"""

import argparse
import contextlib
import http.server
import json
import os
import re
import shutil
import signal
import sys
import threading
import urllib.parse
import uuid

import psycopg2
import psycopg2.extras

UPLOAD_LIMIT = 200 * 1024 * 1024
HEIGHTS = range(16, 1081, 2)
CONNECTIONS = 8
PIECE = 64 * 1024

SEND = """
WITH video AS (INSERT INTO videos (id, name, height) VALUES (%s, %s, %s) RETURNING id, height)
SELECT sqs_send('transcode', id::text, message_attributes => jsonb_build_object('Height', height))
FROM video
"""

PAGE = b"""<!DOCTYPE html>
<title>Videos</title>
<h1>Videos</h1>
<input type="file" id="file" accept="video/*">
<ul id="list"></ul>
<script>
document.getElementById('file').onchange = async event => {
  const file = event.target.files[0];
  await fetch('/videos?name=' + encodeURIComponent(file.name), {method: 'POST', body: file});
  show();
};
async function show() {
  const videos = await (await fetch('/videos')).json();
  document.getElementById('list').replaceChildren(...videos.map(video => {
    const item = document.createElement('li');
    const link = document.createElement('a');
    link.textContent = video.name;
    if (video.state == 'done') link.href = '/videos/' + video.id + '/result';
    item.append(link, ' ' + video.state);
    return item;
  }));
}
show();
setInterval(show, 1000);
</script>
"""


class Refused(Exception):
    """A request that is answered with an error."""

    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


class Front(http.server.ThreadingHTTPServer):
    """The server, and what its threads share."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address, dsn, store):
        super().__init__(address, Handler)
        self.dsn = dsn
        self.store = store
        self.places = threading.BoundedSemaphore(CONNECTIONS)

    @contextlib.contextmanager
    def transaction(self):
        """A cursor; what is done with it is committed at the end."""
        with self.places:
            connection = psycopg2.connect(self.dsn, connect_timeout=10)
            try:
                with connection, connection.cursor(
                        cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
                    yield cursor
            finally:
                connection.close()

    def incoming(self, video):
        return os.path.join(self.store, 'incoming', video)

    def result(self, video):
        return os.path.join(self.store, 'done', video + '.mp4')


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection of a browser."""

    protocol_version = 'HTTP/1.1'
    timeout = 60

    def do_GET(self):
        self.perform(self.get)

    def do_POST(self):
        self.perform(self.post)

    def perform(self, method):
        """Answer a request, whatever happens."""
        url = urllib.parse.urlsplit(self.path)
        try:
            method(url.path, dict(urllib.parse.parse_qsl(url.query)))
        except Refused as refused:
            # what is left of a body would be taken for a request
            self.close_connection = True
            self.answer(refused.status, {'error': str(refused)})
        except psycopg2.Error as error:
            self.close_connection = True
            self.log_error('%s', str(error).strip())
            self.answer(503, {'error': 'the database cannot be reached, try again'})

    def get(self, path, _):
        match = re.fullmatch(r'/videos/([0-9a-f-]{36})(/result)?', path)
        if path == '/':
            self.send(200, 'text/html; charset=utf-8', PAGE)
        elif path == '/videos':
            self.answer(200, self.videos('ORDER BY uploaded_at DESC LIMIT 100'))
        elif match and match[2]:
            self.send_result(match[1])
        elif match:
            found = self.videos('WHERE id::text = %s', match[1])
            if not found:
                raise Refused(404, 'there is no such video')
            self.answer(200, found[0])
        else:
            raise Refused(404, 'there is no such page')

    def videos(self, which, *arguments):
        """Rows, each with its state. What is done is known by the store."""
        with self.server.transaction() as cursor:
            cursor.execute('SELECT id::text, name, height FROM videos ' + which, arguments)
            rows = cursor.fetchall()
        for row in rows:
            row['state'] = 'done' if os.path.exists(self.server.result(row['id'])) else 'queued'
        return rows

    def post(self, path, arguments):
        if path != '/videos':
            raise Refused(404, 'there is no such page')
        name = arguments.get('name', 'video')[:200].replace('\0', '')
        height = arguments.get('height', '180')
        if not re.fullmatch('[0-9]{1,4}', height) or int(height) not in HEIGHTS:
            raise Refused(400, 'height must be even, and from 16 to 1080')
        video = str(uuid.uuid4())
        self.keep_upload(video)
        sent = False
        try:
            with self.server.transaction() as cursor:
                cursor.execute(SEND, (video, name, int(height)))
                sent = True
        except psycopg2.Error:
            # A commit whose answer was lost may have happened: then a message
            # must find the file. One that no row names can be removed later.
            if not sent:
                os.unlink(self.server.incoming(video))
            raise
        self.answer(202, {'id': video, 'state': 'queued'}, {'Location': '/videos/' + video})

    def keep_upload(self, video):
        """Write the body to the store: under its name once it is complete."""
        length = self.headers.get('Content-Length', '')
        if not re.fullmatch('[0-9]{1,18}', length):
            raise Refused(411, 'the length of the file is required')
        left = int(length)
        if left > UPLOAD_LIMIT:
            raise Refused(413, f'a file may have {UPLOAD_LIMIT} bytes')
        path = self.server.incoming(video)
        try:
            with open(path + '.part', 'wb') as file:
                while left > 0:
                    piece = self.rfile.read(min(left, PIECE))
                    if not piece:
                        raise Refused(400, 'the file is not complete')
                    file.write(piece)
                    left -= len(piece)
                file.flush()
                os.fsync(file.fileno())
            os.rename(path + '.part', path)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path + '.part')
            raise

    def send_result(self, video):
        try:
            file = open(self.server.result(video), 'rb')
        except FileNotFoundError:
            raise Refused(404, 'there is no result yet') from None
        with file:
            self.send_response(200)
            self.send_header('Content-Type', 'video/mp4')
            self.send_header('Content-Length', str(os.fstat(file.fileno()).st_size))
            self.end_headers()
            shutil.copyfileobj(file, self.wfile)

    def answer(self, status, document, headers=None):
        self.send(status, 'application/json', json.dumps(document).encode() + b'\n', headers)

    def send(self, status, kind, body, headers=None):
        self.send_response(status)
        for name, value in {'Content-Type': kind, 'Content-Length': str(len(body)),
                            **(headers or {})}.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header('Connection', 'close')
        self.end_headers()
        self.wfile.write(body)


def main():
    parser = argparse.ArgumentParser(description='takes uploads of videos')
    parser.add_argument('--dsn', required=True, help='how to connect to the database')
    parser.add_argument('--store', required=True, help='folder for the files')
    parser.add_argument('--listen', default='127.0.0.1:0', help='address and port')
    parser.add_argument('--port-file', help='file to write the port to, once it listens')
    options = parser.parse_args()

    address, _, port = options.listen.rpartition(':')
    server = Front((address, int(port)), options.dsn, options.store)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if options.port_file:
        with open(options.port_file + '.new', 'w', encoding='ascii') as file:
            file.write(f'{server.server_address[1]}\n')
        os.rename(options.port_file + '.new', options.port_file)
    server.serve_forever()


if __name__ == '__main__':
    main()
