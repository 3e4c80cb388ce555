"""The chart of deploy/helm: rendered by Helm's own library, and held to Kubernetes' schemas."""

from typing import Any

import helm_python as helm
import kubernetes_validate
import pytest
import yaml
from django.core.management import get_commands

from tests.house.test_documentation import daily_commands
from tests.support.environment import PROJECT, variables_of_settings

CHART = str(PROJECT / "deploy" / "helm" / "chatplatform")
#: The oldest version of Kubernetes that the chart allows, and the newest whose schemas we have.
VERSIONS = ("1.27", "1.34")
VALUES: dict[str, Any] = {
    "image": {"repository": "registry.example/chatplatform", "digest": f"sha256:{'0' * 64}"},
    "env": {"ALLOWED_HOSTS": "chat.example.com"},
    "attachments": {"existingClaim": "chatplatform-files"},
    "ingress": {
        "enabled": True,
        "hosts": ["chat.example.com"],
        "tls": [{"hosts": ["chat.example.com"], "secretName": "tls"}],
    },
}


def rendered(**values: Any) -> list[dict[str, Any]]:
    """What `helm template` writes, as documents."""
    with helm.Chart.load(CHART) as chart:
        files = chart.render({**VALUES, **values}, name="demo", namespace="chat")
    documents = [document for text in files.values() for document in yaml.safe_load_all(text) if document]
    assert documents
    return documents


def pods() -> dict[str, dict[str, Any]]:
    """The specification of each kind of pod, by its component."""
    found = {}
    for document in rendered():
        spec = document.get("spec", {})
        template = spec.get("jobTemplate", {}).get("spec", spec).get("template")
        if template:
            found[document["metadata"]["name"].removeprefix("demo-chatplatform-")] = template["spec"]
    return found


def named(kind: str, name: str) -> dict[str, Any]:
    (found,) = (it for it in rendered() if (it["kind"], it["metadata"]["name"]) == (kind, f"demo-chatplatform{name}"))
    return found


def test_helm_finds_no_fault() -> None:
    report = helm.lint(CHART, VALUES, strict=True)
    assert not report["errors"]
    assert [message["error"] for message in report["messages"]] == ["icon is recommended"]


@pytest.mark.parametrize("version", VERSIONS)
def test_kubernetes_accepts_everything(version: str) -> None:
    for document in rendered():
        kubernetes_validate.validate(document, version, strict=True)


def test_two_servers_are_the_fewest_and_one_is_always_there() -> None:
    web = named("Deployment", "-web")
    assert web["spec"]["replicas"] == 2
    assert web["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    budget = named("PodDisruptionBudget", "-web")["spec"]
    assert budget["maxUnavailable"] == 1
    labels = web["spec"]["template"]["metadata"]["labels"]
    for selector in (
        budget["selector"]["matchLabels"],
        web["spec"]["selector"]["matchLabels"],
        named("Service", "")["spec"]["selector"],
    ):
        assert selector.items() <= labels.items()
        assert selector["app.kubernetes.io/component"] == "web"
    with pytest.raises(helm.HelmError, match="replicas"):
        rendered(web={"replicas": 1})


def test_every_pod_is_hardened_and_limited() -> None:
    assert {"web", "worker", "migrate"} < set(pods())
    for name, pod in pods().items():
        assert pod["automountServiceAccountToken"] is False, name
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        (container,) = pod["containers"]
        wanted = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
        assert container["securityContext"] == wanted, name
        assert "memory" in container["resources"]["limits"], name
        assert container["image"] == f"registry.example/chatplatform@sha256:{'0' * 64}", name


def test_probes_ask_what_the_guide_says() -> None:
    (web,) = pods()["web"]["containers"]
    asked = {probe: web[probe]["httpGet"]["path"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert asked == {"startupProbe": "/healthz", "livenessProbe": "/healthz", "readinessProbe": "/readyz"}
    assert pods()["web"]["terminationGracePeriodSeconds"] > 30 + 5  # CHAT_DRAIN_SECONDS, and the pause before


def test_secrets_are_files_and_the_owners_is_for_migrations_alone() -> None:
    known = {*variables_of_settings()}
    for name, pod in pods().items():
        (container,) = pod["containers"]
        variables = {each["name"]: each["value"] for each in container["env"]}
        assert {variable.removesuffix("_FILE") for variable in variables} <= known, name
        assert ("DATABASE_OWNER_URL_FILE" in variables) == (name == "migrate"), name
        mounts = {mount["mountPath"] for mount in container["volumeMounts"]}
        for variable, value in variables.items():
            assert not variable.endswith("_FILE") or value.rpartition("/")[0] in mounts, (name, variable)
    job = named("Job", "-migrate")
    assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"


def test_commands_are_those_that_there_are() -> None:
    jobs = {
        name: pod["containers"][0]["command"][2]
        for name, pod in pods().items()
        if name not in ("web", "worker", "migrate")
    }
    assert set(jobs.values()) == daily_commands()
    for name, pod in pods().items():
        command = pod["containers"][0].get("command")
        assert command is None or command[2] in get_commands(), name


def test_attachments_need_one_place() -> None:
    with pytest.raises(helm.HelmError, match="one place for all pods"):
        rendered(attachments={"existingClaim": ""})
    bucket = {"ALLOWED_HOSTS": "chat.example.com", "ATTACHMENTS_S3_BUCKET": "files"}
    assert rendered(attachments={"existingClaim": ""}, env=bucket)
