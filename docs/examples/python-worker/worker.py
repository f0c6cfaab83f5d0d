"""A worker for Millrace's background tasks. Needs Python 3.8 or later, and nothing else.

    MILLRACE_URL=http://127.0.0.1:7420 MILLRACE_KEY=… python3 worker.py

Leases tasks over REST, carries several out at a time, keeps their leases alive meanwhile, and says
how they ended. Ctrl-C (or SIGTERM) stops leasing, gives the tasks under way ten seconds, and hands
back what has not ended then. Killed hard, it loses nothing: the leases run out, and another worker
gets the tasks. So a task may be begun twice: hand its idempotency key on where an effect must not
happen twice.
"""

import json
import os
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request

URL = os.environ.get("MILLRACE_URL", "http://127.0.0.1:7420")
KEY = os.environ.get("MILLRACE_KEY", "")
THREADS = int(os.environ.get("WORKER_THREADS", "4"))
LEASE_MS = int(os.environ.get("WORKER_LEASE_MS", "30000"))
NAME = "%s-%d" % (socket.gethostname(), os.getpid())
GRACE_SECONDS = 10

stopping = threading.Event()


class Refused(Exception):
    """Millrace said no: `status` and `code` tell why."""

    def __init__(self, status, problem):
        super().__init__(problem.get("detail", "status %d" % status))
        self.status = status
        self.code = problem.get("code")


class UselessToRetry(Exception):
    """Raise it in a handler when another attempt would end the same way."""


class Cancelled(Exception):
    """Somebody cancelled the task, or its lease is gone: stop, nothing of it counts."""


def call(path, body, timeout=30):
    """POSTs JSON and returns the JSON of the answer; tries again while the server is away."""
    data = json.dumps(body).encode("utf-8")
    headers = {"authorization": "Bearer " + KEY, "content-type": "application/json"}
    for attempt in range(8):
        request = urllib.request.Request(URL + path, data=data, headers=headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=timeout) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            problem = json.loads(error.read() or b"{}")
            if error.code < 500 and error.code != 429:
                raise Refused(error.code, problem) from None
            wait = float(error.headers.get("retry-after") or 0)
        except OSError:
            wait = 0
        time.sleep(max(wait, min(10, 0.2 * 2**attempt)))
    raise ConnectionError("Millrace at %s does not answer" % URL)


class Task:
    """A leased task: `payload`, `attempt`, `idempotency_key`, and `progress` to say how far it is."""

    def __init__(self, leased):
        self.id = leased["id"]
        self.name = leased["name"]
        self.payload = leased["payload"]
        self.attempt = leased["attempt"]
        self.idempotency_key = leased["idempotencyKey"]
        self._fence = leased["fence"]
        self._news = None
        self._ended = threading.Event()
        self.cancelled = threading.Event()

    def progress(self, done, total=None, message=None):
        """Goes out with the next heartbeat. Raises Cancelled when the work is no longer wanted."""
        self._news = {
            key: value
            for key, value in (("done", done), ("total", total), ("message", message))
            if value is not None
        }
        if self.cancelled.is_set():
            raise Cancelled()

    def report(self, verb, **fields):
        self._ended.set()
        try:
            call("/v1/tasks/%s/%s" % (self.id, verb), dict(fence=self._fence, **fields))
        except Refused as refused:
            # The lease passed to another worker, whose outcome counts.
            print("%s: %s" % (self.id, refused), file=sys.stderr)

    def keep_alive(self):
        """Renews the lease until the task has ended; runs in a thread of its own."""
        while not self._ended.wait(LEASE_MS / 3000):
            body = {"fence": self._fence, "leaseMs": LEASE_MS}
            if self._news:
                body["progress"], self._news = self._news, None
            try:
                if call("/v1/tasks/%s/heartbeat" % self.id, body)["cancel"]:
                    self.cancelled.set()
            except Refused:
                self.cancelled.set()
                return
            except ConnectionError:
                pass


def carry_out(handlers, task):
    threading.Thread(target=task.keep_alive, daemon=True).start()
    try:
        result = handlers[task.name](task)
    except Cancelled:
        task.report("fail", error="it was cancelled", retryable=False)
    except UselessToRetry as error:
        task.report("fail", error=str(error) or "refused", retryable=False)
    except Exception as error:  # the next attempt may have more luck
        task.report("fail", error="%s: %s" % (type(error).__name__, error))
    else:
        task.report("complete", result=result)


def work(handlers, under_way):
    """One thread: leases a task, carries it out, leases the next one."""
    while not stopping.is_set():
        request = {"names": list(handlers), "leaseMs": LEASE_MS, "waitMs": 5000, "worker": NAME}
        try:
            leased = call("/v1/tasks/lease", request)["tasks"]
        except ConnectionError as error:
            print(error, file=sys.stderr)
            continue
        for task in map(Task, leased):
            if stopping.is_set():
                task.report("release")
                continue
            under_way.add(task)
            carry_out(handlers, task)
            under_way.discard(task)


def main(handlers):
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    under_way = set()
    threads = [
        threading.Thread(target=work, args=(handlers, under_way), daemon=True)
        for _ in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    print("%s leases %s" % (NAME, ", ".join(handlers)), flush=True)
    while not stopping.wait(0.5):
        pass
    until = time.monotonic() + GRACE_SECONDS
    for thread in threads:
        thread.join(max(0, until - time.monotonic()))
    for task in list(under_way):
        task.report("release")


# ---- what this worker can do: one function for each name of tasks ----


def word_count(task):
    """{"text": …} → {"words": …, "characters": …}"""
    text = task.payload.get("text")
    if not isinstance(text, str):
        raise UselessToRetry("the payload has no text")
    words = text.split()
    for done, _word in enumerate(words, 1):
        task.progress(done, len(words))
    return {"words": len(words), "characters": len(text)}


if __name__ == "__main__":
    main({"word-count": word_count})
