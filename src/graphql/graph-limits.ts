/** What one request may ask for; docs/guides/graphql.md lists them. */
export const graphLimits = {
  depth: 12,
  aliases: 30,
  tokens: 3_000,
  rootFields: 30,
  /** A field costs 1, what stands in a list as often as that list may be long. */
  cost: 20_000,
  /** Operations that are called: a list's own length decides how often a link below it is. */
  calls: 300,
} as const

/** Of a page of a list. */
export const FIRST_DEFAULT = 50
export const FIRST_MOST = 1000
