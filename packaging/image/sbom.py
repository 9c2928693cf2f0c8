"""The bill of materials: SPDX 2.3, as JSON.  It lists every file and link of the
image, with the package that it came from."""

import hashlib
import re
import uuid

TOOL = "Tool: ntpd-packaging-image"


def spdx_id(kind, name):
    """Gives different identifiers to names that SPDX would spell alike."""
    plain = re.sub(r"[^A-Za-z0-9.-]", "-", name)
    if plain != name:
        plain += "-" + hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"SPDXRef-{kind}-{plain}"


def content(entry, contents):
    """The bytes of a file, or of the target of a link."""
    while entry.target is not None:
        steps = entry.path.split("/")[:-1]
        for step in entry.target.split("/"):
            if step == "..":
                steps.pop()
            else:
                steps.append(step)
        entry = contents.entries["/".join(steps)]
    return entry.data


def file_row(entry, contents):
    data = content(entry, contents)
    comment = entry.note
    if entry.target is not None:
        comment = f"a symbolic link to {entry.target}"
    if entry.capability is not None:
        comment = "file capability cap_sys_time+p"
    row = {
        "SPDXID": spdx_id("File", entry.path),
        "fileName": "./" + entry.path,
        "fileTypes": ["BINARY" if data[:4] == b"\x7fELF" else "TEXT"],
        "checksums": [
            {"algorithm": "SHA1",
             "checksumValue": hashlib.sha1(data).hexdigest()},
            {"algorithm": "SHA256",
             "checksumValue": hashlib.sha256(data).hexdigest()}],
        "licenseConcluded": "NOASSERTION",
        "licenseInfoInFiles": ["NOASSERTION"],
        "copyrightText": "NOASSERTION",
    }
    if entry.package is None:
        row["licenseConcluded"] = "ISC"
    if comment:
        row["comment"] = comment
    return row


def verification_code(rows):
    """SPDX 2.3, section 7.9."""
    sums = sorted(row["checksums"][0]["checksumValue"] for row in rows)
    return {"packageVerificationCodeValue":
            hashlib.sha1("".join(sums).encode()).hexdigest()}


def package_row(spdxid, name, version, rows):
    return {
        "SPDXID": spdxid, "name": name, "versionInfo": version,
        "downloadLocation": "NOASSERTION", "filesAnalyzed": True,
        "packageVerificationCode": verification_code(rows),
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "licenseInfoFromFiles": ["NOASSERTION"],
        "copyrightText": "NOASSERTION",
    }


def own_row(sources, rows):
    row = package_row("SPDXRef-Package-ntpd", "ntpd", sources.version, rows)
    row.update({
        "licenseConcluded": "ISC", "licenseDeclared": "ISC",
        "licenseInfoFromFiles": ["NOASSERTION"],
        "licenseComments": "/usr/share/doc/ntpd/copyright in the image",
        "sourceInfo": "built from git commit " + sources.revision,
        "primaryPackagePurpose": "APPLICATION"})
    return row


def debian_row(package, rows):
    """The part of a package that is in the image."""
    row = package_row(spdx_id("Package", package.name), package.name,
                      package.version, rows)
    source, version = package.source
    row.update({
        "supplier": "Organization: Debian",
        "licenseDeclared": spdx_id("Copyright", package.name).replace(
            "SPDXRef-", "LicenseRef-"),
        "licenseComments":
            f"/usr/share/doc/{package.name}/copyright in the image",
        "sourceInfo": f"built by Debian from source package {source} "
                      f"{version}",
        "comment": "the files of the package that are in the image",
        "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER",
                          "referenceType": "purl",
                          "referenceLocator": package.purl}]})
    return row


def image_row(image, sources, rows):
    row = package_row("SPDXRef-Package-image", "ntpd (container image)",
                      sources.version, rows)
    digest = image.manifest["digest"]
    row.update({
        "primaryPackagePurpose": "CONTAINER",
        "checksums": [{"algorithm": "SHA256",
                       "checksumValue": digest.removeprefix("sha256:")}],
        "externalRefs": [{
            "referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
            "referenceLocator": "pkg:oci/ntpd@" + digest.replace(":", "%3A")}]})
    return row


def relation(one, kind, other):
    return {"spdxElementId": one, "relationshipType": kind,
            "relatedSpdxElement": other}


def make(contents, image, sources):
    entries = [e for e in contents.sorted()
               if e.data is not None or e.target is not None]
    rows = [file_row(e, contents) for e in entries]
    owners = [e.package.name if e.package is not None else None
              for e in entries]

    def of(name):
        return [row for row, owner in zip(rows, owners) if owner == name]

    packages = [image_row(image, sources, rows), own_row(sources, of(None))]
    packages += [debian_row(p, of(p.name)) for p in contents.packages()]
    relations = [relation("SPDXRef-DOCUMENT", "DESCRIBES",
                          "SPDXRef-Package-image")]
    for package in packages[1:]:
        relations.append(relation("SPDXRef-Package-image", "CONTAINS",
                                  package["SPDXID"]))
    for row, owner in zip(rows, owners):
        relations.append(relation(spdx_id("Package", owner or "ntpd"),
                                  "CONTAINS", row["SPDXID"]))
    digest = image.manifest["digest"]
    return {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"ntpd-{sources.version}-image",
        "documentNamespace":
            f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, digest)}",
        "creationInfo": {"created": sources.created, "creators": [TOOL]},
        "packages": packages, "files": rows,
        "hasExtractedLicensingInfos": [
            {"licenseId": spdx_id("Copyright", name).replace("SPDXRef-",
                                                             "LicenseRef-"),
             "name": f"the copyright file of Debian's {name}",
             "extractedText": text}
            for name, text in sorted(contents.licenses.items())],
        "relationships": relations,
    }
