"""Writes down which of the receiver's addresses is good, when no press is under way."""


async def keep(address_file, good, gate, log):
    """Store `good` if that is due; a flash that fails is said, and tried again later."""
    if not address_file.store_due(good):
        return
    await gate.wait_open()
    gate.begin()
    try:
        address_file.store(good)
    except OSError as error:
        log.failure("address.not_stored", error)
    gate.end()
