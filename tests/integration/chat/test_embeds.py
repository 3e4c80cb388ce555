"""The addresses that other sites use: who may show the frame, and what everybody may know of an embed."""

import pytest

from tenants.models import Assistant, Embed, Tenant
from tests.conftest import Browse
from tests.support.browsing import Browser
from tests.support.cast import Cast
from tests.support.hosts import Site, site_of

SHOP = "https://shop.example"


@pytest.fixture
def site(cast: Cast) -> Site:
    return site_of(cast.guide, greeting="</script>Hello", launcher_text="Ask us")


def ancestors_of(browser: Browser, site: Site) -> list[str]:
    response = browser.http.get(f"/embed/{site.id}/")
    assert response.status_code == 200
    policy = dict(part.partition(" ")[::2] for part in response.headers["content-security-policy"].split("; "))
    assert "x-frame-options" not in response.headers
    assert "set-cookie" not in response.headers
    return policy["frame-ancestors"].split()


def test_the_frame_is_shown_within_the_sites_of_the_embed(browse: Browse, site: Site) -> None:
    """And within our own pages, where it is tried out."""
    assert ancestors_of(browse(), site) == [SHOP, browse().origin]
    Embed.objects.for_tenant(site.embed.tenant_id).update(allowed_origins=[])
    assert ancestors_of(browse(), site) == [browse().origin]


def test_all_other_pages_are_shown_in_no_frame(browse: Browse, site: Site) -> None:
    for path in ("/", "/t/acme/", "/login/"):
        response = browse().http.get(path)
        assert "frame-ancestors 'none'" in response.headers["content-security-policy"], path
        assert response.headers["x-frame-options"] == "DENY", path


def test_the_page_of_the_frame_holds_no_secret(browse: Browse, site: Site) -> None:
    page = browse().http.get(f"/embed/{site.id}/").text
    assert f'"id": "{site.id}", "origins": ["{SHOP}"' in page
    assert site.key.key_id not in page
    assert site.private not in page


def test_the_look_of_an_embed_is_told_to_its_sites(browse: Browse, site: Site) -> None:
    address, browser = f"/embed/{site.id}/config", browse()
    response = browser.http.get(address, headers={"Origin": SHOP})
    assert response.headers["access-control-allow-origin"] == SHOP
    assert "access-control-allow-credentials" not in response.headers
    assert "Origin" in response.headers["vary"]
    assert response.json() == {
        "name": "Shop",
        "launcher_text": "Ask us",
        "position": "right",
        "accent": "#1f6f5c",
        "on_accent": "",
        "greeting": "</script>Hello",
        "greeting_seconds": 5,
    }
    for origin in (
        "https://evil.example",
        "null",
        "http://shop.example",
        "https://shop.example:444",
        f"{SHOP}.evil.example",
    ):
        answer = browser.http.get(address, headers={"Origin": origin})
        assert answer.status_code == 403
        assert answer.json()["error"]["code"] == "origin_refused"
        assert "access-control-allow-origin" not in answer.headers
    del browser.http.headers["Origin"]
    assert browser.http.get(address).status_code == 200  # nothing in it is secret


def test_what_is_off_unknown_or_of_another_host_looks_the_same(browse: Browse, cast: Cast, site: Site) -> None:
    unknown = "emb_" + "0" * 32
    known = site.id

    def answers(browser: Browser, embed: str) -> list[tuple[int, str]]:
        found = []
        for path in (f"/embed/{embed}/", f"/embed/{embed}/config"):
            response = browser.http.get(path)
            found.append((response.status_code, response.headers["content-type"]))
        return found

    nothing = answers(browse(), unknown)
    assert [status for status, _kind in nothing] == [404, 404]
    assert answers(browse(host="acme.localhost"), known) != nothing
    assert answers(browse(host="globex.localhost"), known) == nothing
    for malformed in ("x", "emb_%00", "emb_" + "a" * 300, known.upper()):
        assert answers(browse(), malformed) == nothing
    Assistant.objects.for_tenant(cast.acme).filter(slug="guide").update(is_enabled=False)
    assert answers(browse(), known) == nothing
    Assistant.objects.for_tenant(cast.acme).filter(slug="guide").update(is_enabled=True)
    Embed.objects.for_tenant(cast.acme).update(is_enabled=False)
    assert answers(browse(), known) == nothing
    Embed.objects.for_tenant(cast.acme).update(is_enabled=True)
    Tenant.objects.filter(pk=cast.acme.pk).update(status=Tenant.Status.SUSPENDED)
    assert answers(browse(), known) == nothing


def test_the_script_has_one_name_for_ever(browse: Browse) -> None:
    response = browse().http.get("/embed.js")
    assert (response.status_code, response.headers["location"]) == (302, "/static/chatkit/embed.js")
    assert "max-age=300" in response.headers["cache-control"]
