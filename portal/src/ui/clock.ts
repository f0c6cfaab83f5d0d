const clocks = new Map<string, Intl.DateTimeFormat>()

/** `14:05:09.120` in the zone. */
export function clockOf(at: string, zone: string): string {
  let clock = clocks.get(zone)
  if (clock === undefined) {
    clock = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      fractionalSecondDigits: 3,
    })
    clocks.set(zone, clock)
  }
  return clock.format(new Date(at))
}
