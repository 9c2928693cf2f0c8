"""How the image was made: an in-toto Statement v1 with SLSA provenance v1.
It is not signed here: a signature vouches for the machine."""

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://slsa.dev/provenance/v1"
# This address has no page; packaging/image in the sources says what is done.
BUILD_TYPE = "urn:ntpd:make-image:v1"


def digest(value):
    algorithm, _, text = value.partition(":")
    return {algorithm: text}


def source_row(sources):
    row = {"name": "sources of ntpd",
           "annotations": {"uncommittedChanges": sources.dirty}}
    if sources.commit:
        row["digest"] = {"gitCommit": sources.commit}
    else:
        row["uri"] = f"pkg:generic/ntpd@{sources.version}"
    return row


def package_row(package, hashes, use):
    """A package, with the hash of its .deb if apt still knows this version."""
    row = {"name": f"{package.name} {package.version}", "uri": package.purl,
           "annotations": {"for": use}}
    if package.name in hashes:
        row["digest"] = {"sha256": hashes[package.name]}
    else:
        row["annotations"]["md5sumsOfFiles"] = "sha256:" + package.sums_hash()
    return row


def dependencies(debian, contents, sources, build_packages):
    shipped = contents.packages()
    names = {p.name for p in shipped}
    tools = [p for p in debian.closure(build_packages) if p.name not in names]
    hashes = debian.archive_hashes(shipped + tools)
    return ([source_row(sources)] +
            [package_row(p, hashes, "image") for p in shipped] +
            [package_row(p, hashes, "build") for p in tools])


def make(image, archive, sources, resolved):
    """archive is the name and the SHA-256 of the .tar."""
    return {
        "_type": STATEMENT,
        "subject": [
            {"name": f"ntpd:{sources.version}",
             "digest": digest(image.manifest["digest"])},
            {"name": f"ntpd:{sources.version} (image ID)",
             "digest": digest(image.config["digest"])},
            {"name": archive[0], "digest": {"sha256": archive[1]}}],
        "predicateType": PREDICATE,
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": {"command": ["make", "image"]},
                "internalParameters": {
                    "SOURCE_DATE_EPOCH": str(sources.epoch),
                    "architecture": image.platform["architecture"]},
                "resolvedDependencies": resolved},
            "runDetails": {"builder": {"id": sources.builder}}},
    }
