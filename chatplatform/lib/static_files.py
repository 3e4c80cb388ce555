"""Where static files are found outside development."""

from servestatic.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # has no types
    """Names with a hash of the content, from the manifest of `manage.py collectstatic`.

    A file that nobody collected keeps its plain name: the browser's 404 for it tells what is missing, and error pages, which use
    static files themselves, stay what they are.
    """

    manifest_strict = False

    def stored_name(self, name: str) -> str:
        try:
            return str(super().stored_name(name))
        except ValueError:
            return name
