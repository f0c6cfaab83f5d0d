import type { InputOf } from '~/api/client.ts'
import { newTenantTexts as texts } from '~/texts/tenant-new.ts'

export const steps = ['details', 'place', 'packs', 'sources', 'limits', 'looks', 'make'] as const
export type Step = (typeof steps)[number]

export interface SourceDraft {
  readonly location: string
  readonly endpoint: string
  readonly region: string
  readonly accessKeyId: string
  readonly anonymous: boolean
  /** Never stored. */
  readonly secretAccessKey: string
}

export const noSource: SourceDraft = {
  location: '',
  endpoint: '',
  region: '',
  accessKeyId: '',
  anonymous: false,
  secretAccessKey: '',
}

/** A tenant as far as somebody has described it; everything is text, as it was written. */
export interface Draft {
  readonly step: Step
  readonly slug: string
  readonly name: string
  readonly timeZone: string
  readonly locale: string
  readonly admin: string
  readonly isolation: 'shared' | 'cell'
  readonly cell: string
  /** Null: all that are deployed. */
  readonly packs: readonly string[] | null
  readonly sources: Readonly<Record<string, SourceDraft>>
  readonly weight: string
  readonly limit: string
  readonly rate: string
  readonly keepDaysMax: string
  readonly colour: string
  readonly logo: string
  /** The same for every try of this draft: a second one finds what the first has made. */
  readonly requestKey: string
}

export function emptyDraft(requestKey: string, timeZone: string): Draft {
  return {
    step: 'details',
    slug: '',
    name: '',
    timeZone,
    locale: '',
    admin: '',
    isolation: 'shared',
    cell: '',
    packs: null,
    sources: {},
    weight: '100',
    limit: '',
    rate: '',
    keepDaysMax: '',
    colour: '',
    logo: '',
    requestKey,
  }
}

const LOGO_BYTES = 65_536
const isWhole = (text: string) => /^\d{1,6}$/.test(text)

type Problems = Readonly<Record<string, string>>

/** What stands in the way of the next step, by field; nothing where it is good. */
export function problemsOf(draft: Draft, step: Step): Problems {
  const found: Record<string, string> = {}
  const check = (field: string, isGood: boolean, text: string) => {
    if (!isGood) found[field] = text
  }
  const { details, limits, looks } = texts
  if (step === 'details') {
    check('slug', /^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?$/.test(draft.slug), details.slugWrong)
    check('name', draft.name.trim() !== '', details.nameWrong)
    check('timeZone', isZone(draft.timeZone), details.timeZoneWrong)
    check('locale', draft.locale === '' || isLocale(draft.locale), details.localeWrong)
    const isAddress = /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(draft.admin)
    check('admin', draft.admin === '' || isAddress, details.adminWrong)
  }
  if (step === 'place') {
    check('cell', draft.isolation === 'shared' || draft.cell !== '', texts.place.choose)
  }
  if (step === 'packs') {
    check('packs', draft.packs === null || draft.packs.length > 0, texts.packs.choose)
  }
  if (step === 'sources') {
    for (const [source, { location }] of Object.entries(draft.sources)) {
      const isPlace = /^(?:s3:\/\/|https?:\/\/|\/)\S/.test(location.trim())
      check(source, location.trim() === '' || isPlace, texts.sources.locationWrong)
    }
  }
  if (step === 'limits') {
    check('weight', isWhole(draft.weight) && Number(draft.weight) > 0, limits.numberWrong)
    check('limit', draft.limit === '' || isWhole(draft.limit), limits.numberWrong)
    const isRate = /^\d{1,6}\/\d{0,6}(?:ms|s|m|h|d)$/.test(draft.rate)
    check('rate', draft.rate === '' || isRate, limits.rateWrong)
    check('keepDaysMax', draft.keepDaysMax === '' || isWhole(draft.keepDaysMax), limits.numberWrong)
  }
  if (step === 'looks') {
    check('colour', draft.colour === '' || /^#[0-9a-f]{6}$/i.test(draft.colour), looks.colourWrong)
    check('logo', draft.logo === '' || isLogo(draft.logo), looks.logoWrong)
  }
  return found
}

/** The first step that is not good; `make` where all of them are. */
export function firstOpen(draft: Draft): Step {
  return steps.find((step) => Object.keys(problemsOf(draft, step)).length > 0) ?? 'make'
}

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

function isLocale(locale: string): boolean {
  try {
    return Intl.getCanonicalLocales(locale).length === 1
  } catch {
    return false
  }
}

function isLogo(logo: string): boolean {
  const form = /^data:image\/(?:png|jpeg|webp);base64,[A-Za-z0-9+/]+={0,2}$/
  return form.test(logo) && logo.length * 0.75 <= LOGO_BYTES
}

/** What `tenants.create` takes; fields that were left empty are left out. */
export function toInput(draft: Draft): InputOf<'tenants.create'> {
  const sources = Object.entries(draft.sources).flatMap(([source, options]) => {
    const given = Object.entries(options).filter(([, value]) => value !== '' && value !== false)
    return given.length === 0 ? [] : [[source, Object.fromEntries(given)] as const]
  })
  const { locale, admin, limit, rate, keepDaysMax, colour, logo, packs } = draft
  return {
    slug: draft.slug,
    name: draft.name.trim(),
    timeZone: draft.timeZone,
    weight: Number(draft.weight),
    idempotencyKey: draft.requestKey,
    ...(locale !== '' && { locale }),
    ...(admin !== '' && { admin }),
    ...(draft.isolation === 'cell' && { cell: draft.cell }),
    ...(packs !== null && { packs: [...packs] }),
    ...(sources.length > 0 && { sources: Object.fromEntries(sources) }),
    ...(limit !== '' && { limit: Number(limit) }),
    ...(rate !== '' && { rate }),
    ...(keepDaysMax !== '' && { keepDaysMax: Number(keepDaysMax) }),
    ...(colour !== '' && { colour }),
    ...(logo !== '' && { logo }),
  }
}

/** As it is kept in the browser: without secrets. */
export function toStored(draft: Draft): string {
  const sources = Object.entries(draft.sources).map(([name, source]) => [
    name,
    { ...source, secretAccessKey: '' },
  ])
  return JSON.stringify({ ...draft, sources: Object.fromEntries(sources) })
}

/** Over an empty one, so that a draft of a former version of this page is whole. Null: none. */
export function fromStored(text: string | null, empty: Draft): Draft | null {
  if (text === null) return null
  try {
    const found = JSON.parse(text) as Partial<Draft>
    const isKnown = steps.some((step) => step === found.step)
    return isKnown && typeof found.slug === 'string' ? { ...empty, ...found } : null
  } catch {
    return null
  }
}
