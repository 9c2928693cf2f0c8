"""What Debian knows about the files of this machine: their packages, whether
they were changed since, and what a package depends on."""

import hashlib
import os
import platform
import re
import subprocess

STATUS = "/var/lib/dpkg/status"
INFO = "/var/lib/dpkg/info"
LICENSES = "/usr/share/common-licenses/"
DISTRO = "{ID}-{VERSION_ID}".format(**platform.freedesktop_os_release())


def output(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE,
                          text=True, env={**os.environ, "LC_ALL": "C"}).stdout


def stanzas(text):
    """Returns the control stanzas of a text, each as a dictionary of fields."""
    for stanza in text.split("\n\n"):
        fields = re.findall(r"^([A-Za-z0-9-]+):[ \t]*(.*(?:\n[ \t].*)*)",
                            stanza, re.MULTILINE)
        if fields:
            yield dict(fields)


class Package:
    """An installed package.  Its text is dpkg's stanza, without the status on
    this machine."""

    def __init__(self, text):
        self.text = re.sub("^Status:.*\n", "", text, flags=re.MULTILINE)
        self.fields = next(stanzas(text))
        self.name = self.fields["Package"]
        self.version = self.fields["Version"]
        self.architecture = self.fields["Architecture"]

    @property
    def source(self):
        """Name and version of the source package."""
        found = re.match(r"(\S+)(?: \((.*)\))?$",
                         self.fields.get("Source", self.name))
        return found[1], found[2] or self.version

    @property
    def purl(self):
        version = self.version.replace(":", "%3A").replace("+", "%2B")
        return (f"pkg:deb/debian/{self.name}@{version}"
                f"?arch={self.architecture}&distro={DISTRO}")

    def needs(self):
        """Lists of alternatives; one installed package of each is needed."""
        for field in ("Pre-Depends", "Depends"):
            for group in self.fields.get(field, "").split(","):
                names = [re.sub(r"[ :(].*", "", one.strip(), flags=re.DOTALL)
                         for one in group.split("|")]
                if names != [""]:
                    yield names

    def provides(self):
        text = re.sub(r"\(.*?\)", "", self.fields.get("Provides", ""))
        return [p.strip() for p in text.split(",") if p.strip()]


    def sums_path(self):
        """dpkg's list of the package's files and their MD5.  A few packages
        have none."""
        for name in (f"{self.name}:{self.architecture}", self.name):
            if os.path.exists(f"{INFO}/{name}.md5sums"):
                return f"{INFO}/{name}.md5sums"
        return os.devnull

    def sums_hash(self):
        with open(self.sums_path(), "rb") as f:
            return hashlib.sha256(f.read()).hexdigest()


class Debian:
    """The packages that are installed for this machine's architecture."""

    def __init__(self):
        self.architecture = output("dpkg", "--print-architecture").strip()
        self.packages = {}
        self.providers = {}
        self.sums = {}
        with open(STATUS, encoding="utf-8") as f:
            for text in f.read().strip().split("\n\n"):
                p = Package(text)
                if (p.fields["Status"].endswith(" installed") and
                        p.architecture in (self.architecture, "all")):
                    self.packages[p.name] = p
                    for name in p.provides():
                        self.providers.setdefault(name, p)

    def owner(self, path):
        """The package of a file, by the file's name in the package."""
        for name in (path, path.removeprefix("/usr")):
            found = subprocess.run(["dpkg-query", "-S", name], text=True,
                                   stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL).stdout
            for line in found.splitlines():
                packages, _, file = line.partition(": ")
                if file != name:
                    continue
                # A file of several architectures: "a:amd64, a:arm64".
                for package in packages.split(", "):
                    package = package.removesuffix(":" + self.architecture)
                    if package in self.packages:
                        return self.packages[package], name
        raise SystemExit(f"{path} belongs to no Debian package")

    def read(self, path):
        """The bytes of a file, and its package.  The file must still match the
        package."""
        path = os.path.realpath(path)
        package, name = self.owner(path)
        with open(path, "rb") as f:
            data = f.read()
        sums = self.md5sums(package)
        if sums.get(name) != hashlib.md5(data).hexdigest():
            raise SystemExit(f"{path} is not as {package.name} "
                             f"{package.version} brought it")
        return data, package

    def md5sums(self, package):
        if package.name not in self.sums:
            with open(package.sums_path(), encoding="utf-8") as f:
                rows = (line.rstrip("\n").split("  ", 1) for line in f)
                self.sums[package.name] = {"/" + n: md5 for md5, n in rows}
        return self.sums[package.name]

    def files(self, name, pattern):
        """The files of a package whose names match, sorted."""
        return sorted(path for path in self.md5sums(self.packages[name])
                      if re.fullmatch(pattern, path))

    def copyright(self, package):
        """The text of its copyright file, and of the licences in it."""
        data, _ = self.read(f"/usr/share/doc/{package.name}/copyright")
        text = data.decode("utf-8", "replace")
        named = re.findall(re.escape(LICENSES) + r"([A-Za-z0-9.-]*[A-Za-z0-9])",
                           text)
        return data, {os.path.basename(os.path.realpath(LICENSES + name))
                      for name in named}

    def closure(self, names):
        """The packages with these names, and their dependencies, sorted."""
        found = {}
        todo = list(names)
        while todo:
            name = todo.pop()
            package = self.packages.get(name) or self.providers.get(name)
            if package is None or package.name in found:
                continue
            found[package.name] = package
            for alternatives in package.needs():
                todo += [a for a in alternatives
                         if a in self.packages or a in self.providers][:1]
        return [found[name] for name in sorted(found)]

    def archive_hashes(self, packages):
        """The SHA-256 of the .deb of each package that apt still knows."""
        said = subprocess.run(["apt-cache", "show"] +
                              [p.name for p in packages], text=True,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL).stdout
        known = {(s["Package"], s["Version"], s["Architecture"]): s["SHA256"]
                 for s in stanzas(said) if "SHA256" in s}
        keys = ((p.name, p.version, p.architecture) for p in packages)
        return {key[0]: known[key] for key in keys if key in known}
