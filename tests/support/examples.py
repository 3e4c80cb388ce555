"""The applications of `examples/`, as their own servers serve them; `make examples` builds them."""

from dataclasses import dataclass
from pathlib import Path

from tests.support.environment import PROJECT
from tests.support.servers import ServerProcess

#: By the name of an example, what serves it on a port.
_SERVE = {
    "react": ["vite", "preview", "--strictPort", "--host", "127.0.0.1", "--port"],
    "nextjs": ["next", "start", "--hostname", "127.0.0.1", "--port"],
}


@dataclass
class Example(ServerProcess):
    """One of them, in front of a server of the platform."""

    name: str = ""

    @classmethod
    def of(cls, name: str, platform: ServerProcess, log: Path) -> "Example":
        variables = {"CHATPLATFORM_URL": platform.url, "NEXT_TELEMETRY_DISABLED": "1"}
        return cls(log, variables, name=name)

    @property
    def folder(self) -> Path:
        return PROJECT / "examples" / self.name

    def _command(self) -> list[str]:
        program, *arguments = _SERVE[self.name]
        assert (self.folder / "node_modules" / ".bin" / program).exists(), "Run `make examples` first."
        run = 'cd "$0" && exec "$@"'
        with_node = str(PROJECT / "scripts" / "with-node")
        return [
            "bash",
            "-c",
            run,
            str(self.folder),
            with_node,
            f"node_modules/.bin/{program}",
            *arguments,
            str(self.port),
        ]
