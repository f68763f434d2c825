"""The software bill of materials of a release, as CycloneDX 1.6 JSON."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Final

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import (
    ExternalReference,
    ExternalReferenceType,
    HashAlgorithm,
    HashType,
    XsUri,
)
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL

from nabij.release.notices import Notice
from nabij.usb.image import PINS
from nabij.version import Version

_SPACE: Final = uuid.uuid5(uuid.NAMESPACE_DNS, "nabij.release")
_MICROPYTHON: Final = "MIT"


def sbom(version: Version, packages: Sequence[Notice], files: Sequence[Notice]) -> str:
    """What a release is made of and brings: the same text for the same commit and packages."""
    own = Component(
        name="nabij", version=version.version, type=ComponentType.APPLICATION, bom_ref="nabij"
    )
    bom = Bom(
        serial_number=uuid.uuid5(_SPACE, version.commit),
        metadata=BomMetaData(
            component=own,
            timestamp=dt.datetime.fromtimestamp(version.committed_utc_s, dt.UTC),
        ),
    )
    parts = [_package(one) for one in packages]
    parts += [_library(one) for one in files]
    parts += [_image(name) for name in sorted(PINS)]
    bom.components.update(parts)
    bom.register_dependency(own, parts)
    outputter = make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6)
    return outputter.output_as_string(indent=2) + "\n"


def _package(one: Notice) -> Component:
    name = one.name.lower().replace("_", "-")
    return _component(one, ComponentType.LIBRARY, PackageURL("pypi", None, name, one.version))


def _library(one: Notice) -> Component:
    """One that lies in the tree, for the console."""
    return _component(one, ComponentType.LIBRARY, PackageURL("npm", None, one.name, one.version))


def _image(name: str) -> Component:
    """A MicroPython that `nabij flash` writes below the application."""
    pin = PINS[name]
    return Component(
        name=f"micropython-{name}",
        version=pin.version,
        type=ComponentType.FIRMWARE,
        bom_ref=pin.file,
        licenses=[LicenseFactory().make_from_string(_MICROPYTHON)],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=pin.sha256)],
    )


def _component(one: Notice, kind: ComponentType, purl: PackageURL) -> Component:
    homes = [ExternalReference(type=ExternalReferenceType.WEBSITE, url=XsUri(one.home))]
    return Component(
        name=one.name,
        version=one.version,
        type=kind,
        purl=purl,
        bom_ref=str(purl),
        licenses=[LicenseFactory().make_from_string(one.licence)],
        external_references=homes if one.home else (),
    )
