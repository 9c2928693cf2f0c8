"""An image as an OCI layout and as a Docker archive of the same blobs.  The same
contents give the same bytes (OCI image-spec 1.0)."""

import gzip
import hashlib
import io
import json
import os
import tarfile

CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"


def to_json(value):
    text = json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False)
    return text.encode() + b"\n"


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def tar_entry(tar, entry, mtime):
    info = tarfile.TarInfo(entry.path)
    info.mode = entry.mode
    info.mtime = mtime
    info.uid, info.gid = entry.owner
    if entry.target is not None:
        info.type = tarfile.SYMTYPE
        info.linkname = entry.target
    elif entry.data is None:
        info.type = tarfile.DIRTYPE
    else:
        info.size = len(entry.data)
    if entry.capability is not None:
        # The form of extended attributes in layers (image-spec, layer.md).
        info.pax_headers = {"SCHILY.xattr.security.capability":
                            entry.capability.decode("ascii")}
    tar.addfile(info, io.BytesIO(entry.data or b""))


def make_tar(entries, mtime):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for entry in entries:
            tar_entry(tar, entry, mtime)
    return out.getvalue()


def make_gzip(data):
    out = io.BytesIO()
    with gzip.GzipFile("", "wb", 9, out, 0) as f:  # no name, no time
        f.write(data)
    return out.getvalue()


def blob_path(descriptor):
    return "blobs/" + descriptor["digest"].replace(":", "/")


class Image:
    """Blobs by digest, and the manifest that names them."""

    def __init__(self, layer_tar, config, annotations):
        self.blobs = {}
        packed = make_gzip(layer_tar)
        config["rootfs"] = {"type": "layers",
                            "diff_ids": ["sha256:" + sha256(layer_tar)]}
        self.layer = self.blob(LAYER, packed)
        self.config = self.blob(CONFIG, to_json(config))
        self.manifest = self.blob(MANIFEST, to_json({
            "schemaVersion": 2, "mediaType": MANIFEST,
            "config": self.config, "layers": [self.layer],
            "annotations": annotations}))
        self.platform = {"architecture": config["architecture"],
                         "os": config["os"]}

    def blob(self, media_type, data):
        digest = sha256(data)
        self.blobs[digest] = data
        return {"mediaType": media_type, "digest": "sha256:" + digest,
                "size": len(data)}

    def packed_size(self):
        return sum(len(data) for data in self.blobs.values())

    def blob_files(self, *descriptors):
        """The path and the bytes of these blobs."""
        return {blob_path(d): self.blobs[d["digest"].split(":")[1]]
                for d in descriptors}

    def layout(self, tag):
        """The path and the bytes of every file of the OCI layout."""
        found = self.blob_files(self.config, self.layer, self.manifest)
        found["oci-layout"] = to_json({"imageLayoutVersion": "1.0.0"})
        found["index.json"] = to_json({
            "schemaVersion": 2, "mediaType": INDEX, "manifests": [
                {**self.manifest, "platform": self.platform, "annotations": {
                    "org.opencontainers.image.ref.name": tag}}]})
        return found

    def archive(self, name, tag):
        """The same for an archive that `docker load`, `podman load` and
        containerd accept.  It has no OCI index: podman would use that first, and
        it drops the health check of an OCI image."""
        found = self.blob_files(self.config, self.layer)
        found["manifest.json"] = to_json([{
            "Config": blob_path(self.config), "RepoTags": [f"{name}:{tag}"],
            "Layers": [blob_path(self.layer)]}])
        return found


def write(path, data):
    """Writes the whole file, or nothing."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".new", "wb") as f:
        f.write(data)
    os.rename(path + ".new", path)
