export const textOptions = [
  'location',
  'region',
  'endpoint',
  'accessKeyId',
  'secretAccessKey',
  'sessionToken',
] as const
export const switchOptions = ['pathStyle', 'anonymous', 'awsEnvironment'] as const

export type TextOption = (typeof textOptions)[number]
export type SwitchOption = (typeof switchOptions)[number]

export const secretNames: readonly string[] = ['secretAccessKey', 'sessionToken']

/** What somebody has typed; absent: untouched. */
export type Edited = Partial<Record<TextOption, string> & Record<SwitchOption, boolean>>

/** What is to be sent: changed values only, null for what is taken away. An empty secret is untouched. */
export function optionChanges(
  former: Readonly<Record<string, unknown>>,
  edited: Edited,
): Partial<Record<TextOption, string | null> & Record<SwitchOption, boolean | null>> {
  const changes: Record<string, string | boolean | null> = {}
  for (const name of textOptions) {
    const text = edited[name]?.trim()
    if (text === undefined || text === (former[name] ?? '')) continue
    if (text === '' && secretNames.includes(name)) continue
    changes[name] = text === '' ? null : text
  }
  for (const name of switchOptions) {
    const value = edited[name]
    if (value !== undefined && value !== (former[name] === true)) changes[name] = value || null
  }
  return changes
}
