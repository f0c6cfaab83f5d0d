"""Celery on Redis, with the settings of its own optimising guide: acks early, no results where nobody
reads them, prefetching for many short tasks.  python celery_app.py SCENARIO REDIS-URL '{"jobs": 20000}'"""

import json
import os
import signal
import subprocess
import sys
import time

from celery import Celery, chain, chord

URL = os.environ.get("BENCH_REDIS_URL") or sys.argv[2]
app = Celery("celery_app", broker=URL, backend=URL)
app.conf.update(
    task_ignore_result=True,
    worker_disable_rate_limits=True,
    worker_send_task_events=False,
    task_send_sent_event=False,
    broker_pool_limit=10,
)


@app.task
def nothing(*_):
    return None


@app.task(ignore_result=False)
def stamp(*_):
    return time.time()


@app.task(ignore_result=False)
def part(*_):
    return None


@app.task(ignore_result=False)
def rest(seconds):
    time.sleep(seconds)


def drain(size):
    with worker(size["slots"], prefetch=128):
        app.control.cancel_consumer("celery", reply=True)
        before = time.time()
        with app.producer_pool.acquire(block=True) as producer:
            for _ in range(size["jobs"]):
                nothing.apply_async(producer=producer)
            # The order is that of arrival: when these have ended, so have the others.
            last = [stamp.apply_async(producer=producer) for _ in range(size["slots"])]
        begun = time.time()
        app.control.add_consumer("celery")
        for result in last:
            result.get(interval=0.005)
        return {"wallMs": (time.time() - begun) * 1000, "postMs": (begun - before) * 1000}


def latency(size):
    with worker(size["slots"]):
        waits = []
        for _ in range(size["jobs"]):
            before = time.time()
            waits.append((stamp.delay().get(interval=0.005) - before) * 1000)
            time.sleep(0.02)
        return {"wallMs": 0, "waitsMs": waits}


def chained(size):
    with worker(size["slots"]):
        before = time.time()
        links = [nothing.si() for _ in range(size["jobs"] - 1)]
        return {"wallMs": (chain(*links, stamp.si()).delay().get(interval=0.005) - before) * 1000}


def fan_in(size):
    with worker(size["slots"], prefetch=128):
        before = time.time()
        result = chord([part.si() for _ in range(size["jobs"])])(stamp.si())
        return {"wallMs": (result.get(interval=0.005) - before) * 1000}


def slots(size):
    with worker(size["slots"]):
        before = time.time()
        for result in [rest.delay(size["jobMs"] / 1000) for _ in range(size["jobs"])]:
            result.get(interval=0.005)
        return {"wallMs": (time.time() - before) * 1000}


class worker:
    """A worker process with its children; entered when it answers."""

    def __init__(self, slots, prefetch=1):
        self.command = [sys.executable, "-m", "celery", "-A", "celery_app", "worker", "-l", "CRITICAL"]
        self.command += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        self.command += [f"--concurrency={slots}", f"--prefetch-multiplier={prefetch}"]

    def __enter__(self):
        here = os.path.dirname(os.path.abspath(__file__))
        env = {**os.environ, "BENCH_REDIS_URL": URL, "C_FORCE_ROOT": "1"}
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(
            self.command, cwd=here, env=env, start_new_session=True, **quiet
        )
        while not app.control.ping(timeout=0.2):
            pass

    def __exit__(self, *_):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


if __name__ == "__main__":
    run = {"drain": drain, "latency": latency, "chain": chained, "fanIn": fan_in, "slots": slots}
    print(json.dumps(run[sys.argv[1]](json.loads(sys.argv[3]))), flush=True)
