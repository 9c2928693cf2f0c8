"""The contents of the image, file by file, and where each file comes from."""

import dataclasses
import os
import re
import struct
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
NONROOT = 65532

# ntpd loads these only for `listen on ... fast`: ldd does not list them.
LOADED_LATER = ["libbpf.so.1"]
with open(os.path.join(HERE, "../../common/programs.def")) as rows:
    HELPERS = re.findall(r'^PROGRAM\(.*?"(.*?)",.*(?:ALWAYS|WANTED)\)$',
                         rows.read(), re.M) + ["ntp-compat"]
NAMES_OF_NTPD_RS = ["ntp-daemon", "ntp-ctl", "ntp-metrics-exporter"]

# linux/capability.h: struct vfs_cap_data of revision 2.  The flag for
# "effective" is not set, so that the program can also be started without the
# capability in its bounding set (capabilities(7)).
VFS_CAP_REVISION_2 = 0x02000000
CAP_SYS_TIME = 25
CAP_SYS_TIME_P = struct.pack("<5I", VFS_CAP_REVISION_2, 1 << CAP_SYS_TIME,
                             0, 0, 0)


@dataclasses.dataclass
class Entry:
    """A file, a link (target) or, with neither data nor target, a folder."""
    path: str
    mode: int = 0o755
    data: bytes = None
    target: str = None
    owner: tuple = (0, 0)
    capability: bytes = None
    package: object = None  # Debian package; None: it is ours
    note: str = ""


class Contents:
    def __init__(self, debian, programs, scratch):
        self.debian = debian
        self.programs = programs
        self.scratch = scratch
        self.entries = {}
        self.licenses = {}  # package name -> its copyright file's text

    def add(self, path, **more):
        folder = os.path.dirname(path)
        if folder and folder not in self.entries:
            self.add(folder)
        self.entries[path] = Entry(path, **more)

    def sorted(self):
        return [self.entries[path] for path in sorted(self.entries)]

    def packages(self):
        found = {e.package.name: e.package for e in self.entries.values()
                 if e.package is not None}
        return [found[name] for name in sorted(found)]

    # --- ours -------------------------------------------------------------
    def add_ours(self, path, source, mode=0o644, **more):
        with open(source, "rb") as f:
            self.add(path, data=f.read(), mode=mode, **more)

    def add_program(self, folder, name, **more):
        stripped = f"{self.scratch}/{name}"
        subprocess.run(["strip", "-o", stripped, f"{self.programs}/{name}"],
                       check=True)
        self.add_ours(f"{folder}/{name}", stripped, mode=0o755, **more)

    def add_programs(self):
        os.makedirs(self.scratch, exist_ok=True)
        self.add_program("usr/sbin", "ntpd")
        self.add_program("usr/bin", "ntpctl")
        for name in HELPERS:
            self.add_program("usr/libexec/ntpd", name, capability=(
                CAP_SYS_TIME_P if name == "ntp-clock" else None))
        for name in NAMES_OF_NTPD_RS:
            self.add(f"usr/bin/{name}", target="../libexec/ntpd/ntp-compat",
                     mode=0o777)
            self.add(f"usr/local/bin/{name}", target=f"../../bin/{name}",
                     mode=0o777)

    def add_settings(self, sources):
        self.add_ours("etc/ntpd.conf", f"{sources}/ntpd/ntpd.conf")
        for name in ("passwd", "group", "nsswitch.conf"):
            self.add_ours(f"etc/{name}", f"{HERE}/etc/{name}")
        self.add_ours("usr/share/doc/ntpd/copyright", f"{sources}/LICENSE")

    def add_folders(self):
        """The folders that ntpd writes to.  Root has no CAP_DAC_OVERRIDE, or
        gives it up, and has access by its group.  So does any user that a
        platform assigns, if it is in root's group.  The folder for chroot must
        belong to root only, or ntpd would not use it."""
        for path in ("run/ntpd", "var/lib/ntpd"):
            self.add(path, mode=0o775, owner=(NONROOT, 0))
        self.add("run/ntpd/empty")

    # --- Debian's ---------------------------------------------------------
    def add_debian(self, path, source, mode=0o644):
        data, package = self.debian.read(source)
        self.add(path, data=data, mode=mode, package=package,
                 note=f"from {os.path.realpath(source)}")

    def add_libraries(self):
        """Adds each library under the name that programs ask for."""
        found = {}
        todo = [f"{self.programs}/{name}"
                for name in ["ntpd", "ntpctl"] + HELPERS]
        for name in LOADED_LATER:
            path = subprocess.run(["gcc", f"-print-file-name={name}"],
                                  check=True, stdout=subprocess.PIPE,
                                  text=True).stdout.strip()
            found[name] = path
            todo.append(path)
        for path in todo:
            said = subprocess.run(["ldd", path], check=True, text=True,
                                  stdout=subprocess.PIPE).stdout
            if "not found" in said:
                raise SystemExit(f"{path} needs what is not here:\n{said}")
            found.update(re.findall(r"^\t(\S+) => (/\S+) ", said, re.M))
            self.loader = re.search(r"^\t(/\S+) \(0x", said, re.M)[1]
        for name, path in found.items():
            folder = os.path.dirname(os.path.realpath(path)).lstrip("/")
            self.add_debian(f"{folder}/{name}", path)
        self.add_debian(self.loader.lstrip("/"), self.loader, mode=0o755)

    def add_certificates(self):
        """Makes the bundle as update-ca-certificates(8) does, but only from the
        package's own certificates, without others that this machine trusts."""
        bundle = b""
        for path in self.debian.files("ca-certificates",
                                      "/usr/share/ca-certificates/.*[.]crt"):
            data, package = self.debian.read(path)
            bundle += data if data.endswith(b"\n") else data + b"\n"
        self.add("etc/ssl/certs/ca-certificates.crt", data=bundle, mode=0o644,
                 package=package,
                 note="all of /usr/share/ca-certificates, one after another")

    def add_papers(self):
        """Adds the notices that the licences require, and the data that tells
        scanners which versions are in the image."""
        self.add_debian("usr/lib/os-release", "/usr/lib/os-release")
        self.add("etc/os-release", target="../usr/lib/os-release", mode=0o777,
                 package=self.entries["usr/lib/os-release"].package)
        referred = set()
        for package in self.packages():
            data, names = self.debian.copyright(package)
            self.licenses[package.name] = data.decode("utf-8", "replace")
            referred |= names
            self.add(f"usr/share/doc/{package.name}/copyright", data=data,
                     mode=0o644, package=package)
            self.add(f"var/lib/dpkg/status.d/{package.name}", mode=0o644,
                     data=package.text.encode() + b"\n", package=package,
                     note="what dpkg's status says of the package")
        for name in sorted(referred):
            self.add_debian(f"usr/share/common-licenses/{name}",
                            f"/usr/share/common-licenses/{name}")


def gather(debian, programs, sources, scratch):
    """Returns everything that is in the image."""
    contents = Contents(debian, programs, scratch)
    contents.add_programs()
    contents.add_settings(sources)
    contents.add_folders()
    contents.add_libraries()
    contents.add_certificates()
    contents.add_papers()
    return contents
