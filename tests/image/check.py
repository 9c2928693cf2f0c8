#!/usr/bin/python3 -B
"""Looks at an image from outside: check.py FOLDER COMMIT LIBRARY, with the
folder that `make image` wrote, the commit that it is of, and the library that
ntpd loads later.  Prints a status (0: good) and a sentence for each check."""

import glob
import gzip
import hashlib
import io
import json
import re
import subprocess
import sys
import tarfile
import tempfile

SIZE_MAX = 6 * 1024 * 1024
SETUID = 0o6000
RUNNABLE = {"usr/sbin/ntpd", "usr/bin/ntpctl", "lib64/ld-linux-x86-64.so.2",
            "lib/ld-linux-aarch64.so.1"} | {
    "usr/libexec/ntpd/ntp-" + name for name in (
        "clock", "net", "resolve", "serve", "observe", "compat")}
FOLDERS_OF_NONROOT = {"run/ntpd", "var/lib/ntpd"}


def report(good, sentence, *why):
    print(0 if good else 1, sentence)
    if not good:
        for line in why:
            print("#", str(line)[:300])


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def load(path):
    with open(path, "rb") as f:
        return f.read()


class Layout:
    def __init__(self, folder):
        self.folder = folder
        self.bad = []
        self.index = json.loads(load(f"{folder}/index.json"))
        self.descriptor = self.index["manifests"][0]
        self.manifest = json.loads(self.blob(self.descriptor))
        self.config = json.loads(self.blob(self.manifest["config"]))
        self.packed = self.blob(self.manifest["layers"][0])
        with tarfile.open(fileobj=io.BytesIO(self.packed)) as tar:
            self.members = {m.name: m for m in tar.getmembers()}
            self.data = {m.name: tar.extractfile(m).read()
                         for m in tar.getmembers() if m.isfile()}

    def blob(self, descriptor):
        digest = descriptor["digest"].removeprefix("sha256:")
        data = load(f"{self.folder}/blobs/sha256/{digest}")
        if sha256(data) != digest or len(data) != descriptor["size"]:
            self.bad.append(descriptor)
        return data

    def links(self):
        return [m for m in self.members.values() if m.issym()]

    def real(self, name):
        """The name of the file that a link leads to in the end."""
        while self.members[name].issym():
            steps = name.split("/")[:-1]
            for step in self.members[name].linkname.split("/"):
                steps = steps[:-1] if step == ".." else steps + [step]
            name = "/".join(steps)
        return name


def check_layout(layout):
    report(layout.bad == [] and len(layout.index["manifests"]) == 1 and
           len(layout.manifest["layers"]) == 1,
           "the layout has one image of one layer, of the digests it says",
           layout.bad)
    diff = "sha256:" + sha256(gzip.decompress(layout.packed))
    report(layout.config["rootfs"]["diff_ids"] == [diff],
           "the layer unpacked is the one of the configuration")
    size = sum(d["size"] for d in
               [layout.descriptor, layout.manifest["config"],
                *layout.manifest["layers"]])
    report(size <= SIZE_MAX, f"{size} bytes compressed, at most {SIZE_MAX}")
    files = {f.rsplit("/", 1)[1]
             for f in glob.glob(f"{layout.folder}/blobs/sha256/*")}
    named = {d["digest"][7:] for d in
             [layout.descriptor, layout.manifest["config"],
              *layout.manifest["layers"]]}
    report(files == named, "there is no blob besides", files - named)


def check_archive(layout, path):
    with tarfile.open(path) as tar:
        held = {m.name: tar.extractfile(m).read() for m in tar.getmembers()}
    rows = json.loads(held["manifest.json"])
    config = "blobs/" + layout.manifest["config"]["digest"].replace(":", "/")
    layer = "blobs/" + layout.manifest["layers"][0]["digest"].replace(":", "/")
    report(len(rows) == 1 and rows[0]["Config"] == config and
           rows[0]["Layers"] == [layer] and held[layer] == layout.packed and
           sha256(held[config]) == config.rsplit("/", 1)[1],
           "the archive has the same configuration and layer", rows)
    report(re.fullmatch(r"ntpd:[0-9.]+", rows[0]["RepoTags"][0]) is not None,
           "... and the tag " + rows[0]["RepoTags"][0])


def check_config(layout, commit):
    config = layout.config["config"]
    report(config["Entrypoint"][0] == "/usr/sbin/ntpd" and
           not config.get("Cmd") and not config.get("User"),
           "ntpd is what starts, as root", config)
    report(config["Healthcheck"]["Test"] ==
           ["CMD", "/usr/bin/ntpctl", "health"],
           "ntpctl health is the health check")
    labels = config["Labels"]
    report(labels == layout.manifest["annotations"] and
           labels["org.opencontainers.image.revision"].startswith(commit) and
           labels["org.opencontainers.image.licenses"] == "ISC" and
           labels["org.opencontainers.image.created"] ==
           layout.config["created"],
           "its labels name the commit and the licence", labels)
    times = {m.mtime for m in layout.members.values()}
    report(len(times) == 1, "there is one time in it only", times)


def check_files(layout):
    odd = [m.name for m in layout.members.values()
           if not (m.isfile() or m.isdir() or m.issym())]
    report(odd == [], "files, folders and links, and nothing else", odd)
    setuid = [m.name for m in layout.members.values() if m.mode & SETUID]
    report(setuid == [], "nothing is setuid or setgid", setuid)
    run = {n for n, data in layout.data.items()
           if layout.members[n].mode & 0o111 or data[:2] == b"#!"}
    report(run - RUNNABLE == set() and len(RUNNABLE - run) == 1,
           "nothing can be run but our programs and the loader: no shell, "
           "no package manager", run ^ RUNNABLE)
    dangling = [m.name for m in layout.links()
                if layout.real(m.name) not in layout.data]
    report(dangling == [], "every link leads to a file", dangling)
    capable = {m.name: m.pax_headers for m in layout.members.values()
               if m.pax_headers}
    # VFS_CAP_REVISION_2, permitted only; CAP_SYS_TIME is bit 25.
    want = bytes([0, 0, 0, 2, 0, 0, 0, 2] + 12 * [0]).decode()
    report(capable == {"usr/libexec/ntpd/ntp-clock":
                       {"SCHILY.xattr.security.capability": want}},
           "the only file capability is cap_sys_time+p on ntp-clock", capable)
    others = {m.name for m in layout.members.values()
              if (m.uid, m.gid) != (0, 0) or
              (not m.issym() and m.mode & 0o022)}
    report(others == FOLDERS_OF_NONROOT,
           "all is root's and nobody else's to write, but two folders",
           others)
    names = {m.uname + m.gname for m in layout.members.values()}
    report(names == {""}, "owners are numbers")
    modes = {(m.uid, m.gid, m.mode) for m in layout.members.values()
             if m.name in FOLDERS_OF_NONROOT}
    report(modes == {(65532, 0, 0o775)},
           "... which are nonroot's, and root's group's", modes)
    jail = layout.members.get("run/ntpd/empty")
    report(jail is not None and jail.isdir() and jail.mode == 0o755 and
           not any(n.startswith("run/ntpd/empty/") for n in layout.members),
           "there is an empty folder for chroot, of root alone")


def check_users(layout):
    rows = [line.split(":") for line in
            layout.data["etc/passwd"].decode().splitlines()]
    users = {row[0]: int(row[2]) for row in rows}
    groups = {int(line.split(":")[2]) for line in
              layout.data["etc/group"].decode().splitlines()}
    programs = {name.rsplit("/", 1)[1] for name in RUNNABLE
                if "/ntp-" in name} - {"ntp-compat"}
    report(programs <= set(users) and users["nonroot"] == 65532 and
           len(set(users.values())) == len(users) and
           {int(row[3]) for row in rows} == groups,
           "each program has a user of its name, and each user a group", rows)


def check_libraries(layout, library):
    with tempfile.NamedTemporaryFile() as f:
        needed = {library}
        for name, data in layout.data.items():
            if data[:4] == b"\x7fELF":
                f.seek(0)
                f.truncate()
                f.write(data)
                f.flush()
                said = subprocess.run(["readelf", "-d", f.name], text=True,
                                      stdout=subprocess.PIPE).stdout
                needed |= set(re.findall(r"NEEDED.*\[(.*)\]", said))
    there = {name.rsplit("/", 1)[1] for name in layout.data if ".so" in name}
    report(needed <= there and len(needed) > 5,
           "every library that something needs is there", needed - there)
    loader = {n for n in there if n.startswith("ld-linux")}
    report(there - needed <= loader, "and none that nothing needs",
           there - needed - loader)


def check_sbom(layout, sbom):
    report(sbom["spdxVersion"] == "SPDX-2.3" and
           sbom["dataLicense"] == "CC0-1.0", "the bill of materials is SPDX")
    rows = {f["fileName"].removeprefix("./"): f for f in sbom["files"]}
    names = set(layout.data) | {m.name for m in layout.links()}
    report(set(rows) == names, "every file of the image is in it, and no other",
           set(rows) ^ names)
    wrong = []
    for name in set(rows) & names:
        data = layout.data[layout.real(name)]
        sums = {c["algorithm"]: c["checksumValue"]
                for c in rows[name]["checksums"]}
        if sums != {"SHA1": hashlib.sha1(data).hexdigest(),
                    "SHA256": sha256(data)}:
            wrong.append(name)
    report(wrong == [], "with its true SHA-1 and SHA-256", wrong)
    check_sbom_packages(layout, sbom, rows)


def check_sbom_packages(layout, sbom, rows):
    ids = [x["SPDXID"] for x in sbom["files"] + sbom["packages"]]
    report(len(set(ids)) == len(ids), "no identifier stands twice")
    held = {}
    for r in sbom["relationships"]:
        if r["relationshipType"] == "CONTAINS":
            held.setdefault(r["relatedSpdxElement"], []).append(
                r["spdxElementId"])
    packages = {p["SPDXID"]: p for p in sbom["packages"]}
    lost = [n for n, f in rows.items()
            if len(held.get(f["SPDXID"], [])) != 1 or
            held[f["SPDXID"]][0] not in packages]
    report(lost == [], "each file is of one package", lost)
    debian = [p for p in packages.values() if p.get("supplier")]
    licenses = {x["licenseId"] for x in sbom["hasExtractedLicensingInfos"]}
    wrong = [p["name"] for p in debian if dpkg_version(p["name"]) !=
             p["versionInfo"] or p["licenseDeclared"] not in licenses or
             f"usr/share/doc/{p['name']}/copyright" not in layout.data]
    report(debian != [] and wrong == [],
           f"{len(debian)} packages of Debian, of the version installed here, "
           "each with its copyright file", wrong)
    ours = {n for n, f in rows.items()
            if held[f["SPDXID"]] == ["SPDXRef-Package-ntpd"]}
    loaders = {n for n in RUNNABLE if n.startswith("lib")}
    report(RUNNABLE - loaders <= ours and "usr/lib" not in
           {"/".join(n.split("/")[:2]) for n in ours},
           "the programs are ours, the libraries are not", ours)


def dpkg_version(name):
    return subprocess.run(["dpkg-query", "-W", "-f", "${Version}\n", name],
                          text=True, stdout=subprocess.PIPE
                          ).stdout.splitlines()[0]


def check_provenance(layout, statement, commit, archive):
    subjects = {s["name"]: s["digest"]["sha256"]
                for s in statement["subject"]}
    report(statement["_type"] == "https://in-toto.io/Statement/v1" and
           statement["predicateType"] == "https://slsa.dev/provenance/v1" and
           set(subjects.values()) == {layout.descriptor["digest"][7:],
                                      layout.manifest["config"]["digest"][7:],
                                      sha256(load(archive))},
           "the provenance is of this image, its ID and its archive", subjects)
    built = statement["predicate"]["buildDefinition"]
    inputs = built["resolvedDependencies"]
    report(inputs[0]["digest"] == {"gitCommit": commit} and
           built["externalParameters"]["command"] == ["make", "image"],
           "... from this commit, by make image", inputs[0])
    packages = {i["name"].split()[0]: i for i in inputs[1:]}
    short = [n for n, i in packages.items()
             if not re.fullmatch("[0-9a-f]{64}",
                                 i.get("digest", {}).get("sha256", "")) and
             "md5sumsOfFiles" not in i["annotations"]]
    compilers = [[n for n in packages if re.fullmatch(what + "-[0-9]+", n)]
                 for what in ("gcc", "clang")]
    report({"binutils", "libc6-dev", "libc6"} <= set(packages) and
           all(compilers) and short == [],
           f"... and {len(packages)} packages, each with a hash",
           [compilers, short])


def main(folder, commit, library):
    layout = Layout(folder)
    archive = glob.glob(f"{folder}/*.tar")[0]
    check_layout(layout)
    check_archive(layout, archive)
    check_config(layout, commit)
    check_files(layout)
    check_users(layout)
    check_libraries(layout, library)
    check_sbom(layout, json.loads(load(glob.glob(f"{folder}/*.spdx.json")[0])))
    check_provenance(layout, json.loads(load(glob.glob(
        f"{folder}/*.intoto.json")[0])), commit, archive)


if __name__ == "__main__":
    main(*sys.argv[1:])
