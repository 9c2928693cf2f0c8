#!/usr/bin/python3 -B
"""Makes the container image of ntpd from the programs in a build folder.  Run by
`make image`.  Needs no container engine and no privilege.

    make.py VERSION PROGRAMS FOLDER PACKAGE...

It writes an OCI layout, an archive for `docker load` and `podman load`, their
bill of materials (SPDX) and their provenance (SLSA) to FOLDER.  The PACKAGEs
are the Debian packages that the build needs.  Everything in the image has the
time in the environment variable SOURCE_DATE_EPOCH, or the time of the commit.
IMAGE_BUILDER_ID is the URI of the builder in the provenance."""

import datetime
import os
import subprocess
import sys

import contents
import debian
import oci
import provenance
import sbom

NAME = "ntpd"
ARCHITECTURES = {"amd64": "amd64", "arm64": "arm64"}  # Debian's, and Go's


def git(*arguments):
    """Runs git in the sources; returns "" if they are not a clone."""
    said = subprocess.run(["git", "-c", "safe.directory=*", *arguments],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True)
    return said.stdout.strip() if said.returncode == 0 else ""


class Sources:
    """The version of the sources, and the only time that is in the image."""

    def __init__(self, version):
        self.version = version
        self.commit = git("rev-parse", "HEAD")
        self.dirty = git("status", "--porcelain") != ""
        self.revision = self.commit or "unknown"
        if self.dirty:
            self.revision += "-dirty"
        self.epoch = int(os.environ.get("SOURCE_DATE_EPOCH") or
                         git("log", "-1", "--format=%ct") or 0)
        self.created = datetime.datetime.fromtimestamp(
            self.epoch, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.builder = os.environ.get("IMAGE_BUILDER_ID",
                                      "urn:ntpd:builder:unsigned")


def labels(sources):
    prefix = "org.opencontainers.image."
    return {
        prefix + "title": NAME,
        prefix + "description": "keeps a machine's clock, in small processes "
                                "that trust each other little",
        prefix + "version": sources.version,
        prefix + "revision": sources.revision,
        prefix + "created": sources.created,
        prefix + "licenses": "ISC",
    }


def configuration(sources, architecture):
    """The OCI configuration, with the one member that only Docker has."""
    second = 1000000000
    return {
        "architecture": ARCHITECTURES[architecture], "os": "linux",
        "created": sources.created,
        "history": [{"created": sources.created, "created_by": "make image"}],
        "config": {
            # -d, because ntpd is not process 1 with --init or --pid host.
            "Entrypoint": ["/usr/sbin/ntpd", "-d"],
            "Env": ["PATH=/usr/sbin:/usr/bin"],
            "WorkingDir": "/",
            "ExposedPorts": {"123/udp": {}},
            # ntpd writes to these, even if everything else is read-only.
            "Volumes": {"/run/ntpd": {}, "/var/lib/ntpd": {}},
            "StopSignal": "SIGTERM",
            "Labels": labels(sources),
            "Healthcheck": {
                "Test": ["CMD", "/usr/bin/ntpctl", "health"],
                "Interval": 30 * second, "Timeout": 5 * second,
                "StartPeriod": 60 * second, "Retries": 3},
        },
    }


def main(version, programs, folder, *packages):
    sources = Sources(version)
    system = debian.Debian()
    inside = contents.gather(system, programs, ".", f"{programs}/stripped")
    image = oci.Image(oci.make_tar(inside.sorted(), sources.epoch),
                      configuration(sources, system.architecture),
                      labels(sources))
    layout = image.layout(version)
    archive = oci.make_tar(
        [contents.Entry(path, mode=0o644, data=data)
         for path, data in sorted(image.archive(NAME, version).items())],
        sources.epoch)
    archive_name = f"{NAME}-{version}.tar"
    resolved = provenance.dependencies(system, inside, sources, packages)
    layout[archive_name] = archive
    layout[f"{NAME}-{version}.spdx.json"] = oci.to_json(
        sbom.make(inside, image, sources))
    layout[f"{NAME}-{version}.intoto.json"] = oci.to_json(provenance.make(
        image, (archive_name, oci.sha256(archive)), sources, resolved))
    for path, data in layout.items():
        oci.write(f"{folder}/{path}", data)
    print(f"{folder}: {image.manifest['digest']}, {image.packed_size()} bytes "
          f"compressed, {len(inside.entries)} files and folders of "
          f"{len(inside.packages())} Debian packages and ntpd {version} "
          f"({sources.revision})")


if __name__ == "__main__":
    main(*sys.argv[1:])
