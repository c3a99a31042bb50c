"""The how-to pages: their code is written into files and driven, against a simulator."""

from __future__ import annotations

import ast
import asyncio
import gzip
import inspect
import logging
import os
import re
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from conferencing.testing import FaultServer, ServedSandbox, read, reply, send

ROOT = Path(__file__).parents[2]
HOWTO = ROOT / "docs" / "howto"
CERTIFICATES = ROOT / "tests" / "faults" / "certificates"

Run = Callable[..., str]


def blocks(page: str) -> list[str]:
    text = (HOWTO / f"{page}.md").read_text("utf-8")
    return re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


@pytest.fixture
def account(conferencing_sandbox: ServedSandbox) -> dict[str, Any]:
    return conferencing_sandbox.account("clickmeeting")


@pytest.fixture
def folder(tmp_path: Path, account: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch) -> Path:
    """Be in a folder whose default account is on a simulator."""
    lines = "\n".join(f'{name} = "{value}"' for name, value in account.items())
    config = f'default = "main"\n[accounts.main]\n{lines}\n'
    (tmp_path / "conferencing.toml").write_text(config, "utf-8")
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("CONFERENCING_")]:
        monkeypatch.delenv(name)
    return tmp_path


@pytest.fixture
def run(folder: Path) -> Run:
    """Write the files of a page, and run a program beside them."""

    def run(page: str, program: str, **environment: str) -> str:
        for block in blocks(page):
            name = re.match(r"# (\w+\.py)\n", block)
            if name:
                (folder / name[1]).write_text(block, "utf-8")
        (folder / "driver.py").write_text(inspect.cleandoc(program), "utf-8")
        done = subprocess.run(
            [sys.executable, "driver.py"],
            check=False, capture_output=True, text=True, timeout=120, cwd=folder,
            env={**os.environ, **environment},
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def needs(*libraries: str) -> None:
    for library in libraries:
        pytest.importorskip(library, reason=f"the page needs {library}: pip install {library}")


# ----------------------------------------------------------------------------- web applications

ANN = '{"email": "ann@example.com", "first_name": "Ann", "last_name": "Lee"}'


def test_fastapi_page_serves_rooms_and_errors(run: Run) -> None:
    needs("fastapi", "httpx")
    printed = run(
        "fastapi",
        f"""
        import conferencing.sync
        from fastapi.testclient import TestClient
        from app import app

        with conferencing.sync.connect() as setup:
            room = setup.create_room("Launch", registration=True)
        with TestClient(app) as client:
            print([room["name"] for room in client.get("/rooms").json()])
            made = client.post(f"/rooms/{{room.id}}/registrations", json={ANN})
            print(made.status_code, made.json()["email"], made.json()["join_link"]["url"])
            wrong = client.post(f"/rooms/{{room.id}}/registrations", json={{"mail": "x"}})
            print(wrong.status_code, wrong.json()["error"]["field"])
            print(client.post("/rooms/999/registrations", json={ANN}).status_code)
        """,
    )
    assert printed.splitlines() == [
        "['Launch']", "201 ann@example.com ***", "422 mail", "404",
    ]  # fmt: skip


DJANGO = """
    import asyncio, warnings
    from django.conf import settings

    settings.configure(
        ROOT_URLCONF=__name__, SECRET_KEY="k", ALLOWED_HOSTS=["*"],
        MIDDLEWARE=["views.ConferencingErrors"],
    )
    import django
    django.setup()

    import async_views, views
    from conferences import get_conference
    from django.test import AsyncClient, Client
    from django.urls import path

    def fail(request):
        get_conference().get_room("999")

    urlpatterns = [
        path("rooms", views.list_rooms), path("async", async_views.list_rooms), path("fail", fail),
    ]

    async def ask():
        answer = await AsyncClient().get("/async")
        await async_views.conference.aclose()
        return answer

    if __name__ == "__main__":
        get_conference().create_room("Launch")
        print([room["name"] for room in Client().get("/rooms").json()["rooms"]])
        print(Client().get("/fail").status_code, Client().get("/fail").json()["error"]["kind"])
        print([room["name"] for room in asyncio.run(ask()).json()["rooms"]])
        get_conference().close()
"""


def test_django_page_serves_wsgi_and_asgi(run: Run) -> None:
    needs("django")
    assert run("django", DJANGO).splitlines() == ["['Launch']", "502 NotFound", "['Launch']"]


def test_flask_page_serves_rooms_and_errors(run: Run) -> None:
    needs("flask")
    printed = run(
        "flask",
        f"""
        from app import app, get_conference

        room = get_conference().create_room("Launch", registration=True)
        client = app.test_client()
        print([room["name"] for room in client.get("/rooms").json])
        made = client.post(f"/rooms/{{room.id}}/registrations", json={ANN})
        print(made.status_code, made.json["email"])
        wrong = client.post(f"/rooms/{{room.id}}/registrations", json={{"mail": "x"}})
        print(wrong.status_code, wrong.json["error"]["field"])
        get_conference().close()
        """,
    )
    assert printed.splitlines() == ["['Launch']", "201 ann@example.com", "422 mail"]


# --------------------------------------------------------------------------------- task queues


def test_celery_page_registers_in_forked_process(
    run: Run, folder: Path, conferencing_sandbox: ServedSandbox
) -> None:
    needs("celery")
    if not hasattr(os, "fork"):
        pytest.skip("a prefork worker needs fork")
    printed = run(
        "celery",
        f"""
        import os, sys
        import tasks
        from celery.signals import worker_process_shutdown

        tasks.app.conf.update(task_always_eager=True, task_eager_propagates=True)
        reader, writer = os.pipe()
        if os.fork() == 0:
            room = tasks.get_conference().create_room("Launch", registration=True)
            for _ in range(2):
                counts = tasks.register.delay(room.id, [{ANN}]).get()
                os.write(writer, f"{{counts}}\\n".encode())
            worker_process_shutdown.send(None)
            os._exit(0)
        os.close(writer)
        status = os.wait()[1]
        print(os.read(reader, 100).decode(), status)
        """,
        BROKER_URL="memory://",
        JOURNAL=f"sqlite:{folder / 'people.db'}",
    )
    assert printed.splitlines() == ["{'registered': 1}", "{'already-registered': 1}", " 0"]
    [people] = conferencing_sandbox["clickmeeting"].simulator.world.participants.values()
    assert len(people) == 1


# ------------------------------------------------------------------------ notebooks and scripts


async def test_notebook_cells_run_in_a_loop(folder: Path) -> None:
    names: dict[str, Any] = {}
    for cell in blocks("notebooks"):
        code = compile(cell, "<cell>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        result = eval(code, names)
        if inspect.isawaitable(result):
            await result
    assert names["names"] == ["Research"]
    assert names["rows"][0]["name"] == "Research"
    assert "<td>Research</td>" in names["room"]._repr_html_()


def test_logging_page_shows_calls_without_secrets(run: Run, account: Mapping[str, Any]) -> None:
    settings, use = blocks("logging")
    program = f"{settings}\n{use}".replace(
        "log.warning(", "print(to_dict(error)['kind']); log.warning("
    )
    printed = run("logging", f"import sys\nsys.stderr = sys.stdout\n{program}")
    assert "NotFound" in printed
    assert re.search(
        r"DEBUG conferencing\.http: GET /conferences/\{room\}: 404 \(0\.\d+ s\)", printed
    )
    assert account["api_key"] not in printed


def test_logging_page_names_each_logger() -> None:
    page = (HOWTO / "logging.md").read_text("utf-8")
    used = {
        name
        for folder in ("conferencing", "adapters")
        for file in (ROOT / folder).rglob("*.py")
        for name in re.findall(r'getLogger\("([a-z.]+)"\)', file.read_text("utf-8"))
    }
    cells = " ".join(re.findall(r"^\| (`conferencing[^|]+) \|", page, re.MULTILINE))
    assert used == set(re.findall(r"`(conferencing\.\w+)`", cells))
    assert all(logging.getLogger(name).handlers == [] for name in used)


class Collector(BaseHTTPRequestHandler):
    """A collector of OpenTelemetry that keeps what is sent to it."""

    bodies: ClassVar[dict[str, bytes]] = {}

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        zipped = self.headers.get("Content-Encoding") == "gzip"
        self.bodies[self.path] = gzip.decompress(body) if zipped else body
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Print nothing."""


def test_opentelemetry_page_reaches_collector(run: Run) -> None:
    needs("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")
    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        endpoint = f"http://127.0.0.1:{server.server_port}"
        run("opentelemetry", "import launch", OTEL_EXPORTER_OTLP_ENDPOINT=endpoint)
        server.shutdown()
        thread.join()
    spans, metrics = Collector.bodies["/v1/traces"], Collector.bodies["/v1/metrics"]
    for name in (b"webinars", b"conferencing create_room", b"conferencing register"):
        assert name in spans
    assert b"conferencing.operation.duration" in metrics
    assert b"ann@example.com" not in spans + metrics


def test_opentelemetry_page_lists_what_is_recorded() -> None:
    source = (ROOT / "conferencing" / "telemetry.py").read_text("utf-8")
    page = (HOWTO / "opentelemetry.md").read_text("utf-8")
    used = set(re.findall(r'"((?:conferencing|http|error)\.[a-z_.]+)"', source))
    assert used - {"opentelemetry.trace"} == set(
        re.findall(r"`((?:conferencing|http|error)\.[a-z_.]+)`", page)
    )


# -------------------------------------------------------------------- proxies and certificates


@pytest.mark.parametrize("way", ["variable", "session"])
async def test_own_authority_is_trusted(folder: Path, way: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / "good.pem")
    authority = str(CERTIFICATES / "authority.pem")
    programs = {
        "variable": "import conferencing.sync\nwith conferencing.sync.connect() as conference:\n"
        "    print(conference.rooms().collect())",
        "session": "import asyncio, client\n"
        f"print(asyncio.run(client.list_names('main', {authority!r})))",
    }
    (folder / "client.py").write_text(blocks("proxies")[0], "utf-8")
    async with FaultServer([read, send(reply([]))], tls=context) as server:
        config = f'[accounts.main]\nprovider = "clickmeeting"\napi_key = "k"\nbase_url = "{server.url}"\n'
        (folder / "conferencing.toml").write_text(f'default = "main"\n{config}', "utf-8")
        variable = {"SSL_CERT_FILE": authority} if way == "variable" else {}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", programs[way], cwd=folder, env={**os.environ, **variable},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        printed, errors = await asyncio.wait_for(process.communicate(), 60)
    assert printed.decode().strip() == "[]", errors.decode()


# ------------------------------------------------------------------------------------- moving


@pytest.mark.parametrize(
    ("provider", "missing"),
    [
        ("clickmeeting", ()),
        ("vconnct", ("register", "kind:webinar", "starts_at", "duration")),
        ("vconnct v4", ("register", "kind:webinar", "duration")),
        ("meetrs", ("register", "attendance")),
    ],
)
def test_moving_page_works_on_each_provider(
    run: Run,
    conferencing_sandbox: ServedSandbox,
    provider: str,
    missing: tuple[str, ...],
) -> None:
    account = conferencing_sandbox.account(*provider.split())
    printed = run(
        "moving",
        f"""
        import asyncio
        import conferencing, launch, needs

        async def main():
            print(needs.list_missing({account!r}))
            async with conferencing.connect({account!r}) as conference:
                room = await launch.create_launch(conference)
                ann = conferencing.Person(
                    email="ann@example.com", first_name="Ann", last_name="Lee"
                )
                try:
                    print((await launch.get_link(conference, room, ann)).url)
                except conferencing.Conflict:
                    print("once the session runs")

        asyncio.run(main())
        """,
    )
    first, *left_out, link = printed.splitlines()
    assert set(missing) <= set(ast.literal_eval(first))
    assert link.startswith("once the session runs" if provider == "vconnct" else "http")
    assert bool(left_out) is bool(missing)


# ------------------------------------------------------------------------------------- testing


def test_testing_page_passes_as_tests(folder: Path) -> None:
    [tests] = blocks("testing")
    (folder / "test_app.py").write_text(tests, "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:asyncio", "."]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=120, cwd=folder
    )
    assert done.returncode == 0, done.stdout
    assert f"{tests.count('def test_')} passed" in done.stdout


@pytest.mark.parametrize("page", sorted(path.stem for path in HOWTO.glob("*.md")))
def test_page_fits_on_one_screen(page: str) -> None:
    assert len((HOWTO / f"{page}.md").read_text("utf-8").splitlines()) <= 85
