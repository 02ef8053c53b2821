"""Boots a machine once from a disc with OpenStack's client, and prints what it saw as one JSON line."""

import json
import sys
import time

import sushy
from sushy import exceptions
from sushy.resources import constants
from sushy.resources.manager import virtual_media


def until(what, is_so, limit=10):
    end = time.monotonic() + limit
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.05)


def power(system):
    system.refresh(force=True)
    return system.power_state


def slots_of(root, system):
    """The system's own where there are any, else the managers', as Ironic does; Debian's sushy has no verb for the former."""
    own = system.json.get("VirtualMedia", {}).get("@odata.id")
    collections = [
        *([virtual_media.VirtualMediaCollection(root._conn, own)] if own else []),
        *(manager.virtual_media for manager in system.managers if "VirtualMedia" in manager.json),
    ]
    for collection in collections:
        members = collection.get_members()
        if members:
            return members
    raise LookupError("no virtual media")


def insert(slots, url):
    """Into the first slot that takes it; with a user name where it asks for one."""
    refusals = []
    for slot in slots:
        types = slot.media_types
        if types and not any(t in (sushy.VIRTUAL_MEDIA_CD, sushy.VIRTUAL_MEDIA_DVD) for t in types):
            continue
        for more in ({}, {"username": "none", "password": "none"}):
            try:
                slot.insert_media(url, **more)
            except exceptions.SushyError as error:
                refusals.append(str(error))
                continue
            # An insert may be a task, which sushy does not follow.
            until("the disc to be in", lambda: slot.refresh(force=True) or slot.inserted)
            return slot
    raise LookupError("; ".join(refusals))


def boot_once(system):
    """As Ironic: Enabled alone may do, makers that want all get all."""
    try:
        system.set_system_boot_options(target=sushy.BOOT_SOURCE_TARGET_CD, enabled=sushy.BOOT_SOURCE_ENABLED_ONCE)
    except exceptions.BadRequestError:
        system.set_system_boot_options(
            target=sushy.BOOT_SOURCE_TARGET_CD,
            enabled=sushy.BOOT_SOURCE_ENABLED_ONCE,
            mode=system.boot.get("mode") or sushy.BOOT_SOURCE_MODE_UEFI,
        )


def main(address, username, password, system_id, url):
    root = sushy.Sushy(address, username=username, password=password, verify=False)
    system = root.get_system(system_id)
    slots = slots_of(root, system)
    slot = insert(slots, url)
    seen = {"system": system.identity, "slots": [one.identity for one in slots], "inserted": bool(slot.inserted)}
    system.refresh(force=True)
    boot_once(system)
    system.refresh(force=True)
    seen["target"] = str(system.boot.get("target"))
    system.reset_system(sushy.RESET_ON)
    until("power on", lambda: power(system) == constants.PowerState.ON)
    print(json.dumps({**seen, "on": True}), flush=True)
    sys.stdin.readline()
    system.reset_system(sushy.RESET_FORCE_OFF)
    until("power off", lambda: power(system) == constants.PowerState.OFF)
    slot.eject_media()
    # Some read as full for a while.
    until("the slot to be empty", lambda: slot.refresh(force=True) or not slot.inserted)
    print(json.dumps({"ejected": True}), flush=True)


main(*sys.argv[1:])
