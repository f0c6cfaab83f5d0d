import type { Catalog } from '#catalog/catalog.ts'
import { takeChore } from '#catalog/chores.ts'
import { sweepBuckets, takeTokens, type RateOwner, type TokenGrant } from '#catalog/rates.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Logger } from '#kernel/logger.ts'

export type { RateOwner }

/** How a bucket stands after a request, as far as this process knows. */
export interface RateState {
  readonly owner: RateOwner
  readonly perMinute: number
  readonly burst: number
  /** Requests that are left at this moment. */
  readonly left: number
  /** Until the bucket is full again. */
  readonly fullInMs: number
}

export interface RateVerdict {
  /** Of the buckets that were asked; none while the catalog cannot be reached. */
  readonly states: readonly RateState[]
  /** The bucket that was empty, and until it has a token again; null: the request may go on. */
  readonly refused: { readonly state: RateState; readonly waitMs: number } | null
}

export interface RateLimiter {
  /** Takes a token out of each bucket, or out of none. */
  take(owners: readonly RateOwner[]): Promise<RateVerdict>
}

/** Tokens that this process was granted and has not used go back after this time. */
const HELD_MS = 500
/** An empty bucket is looked at again after this time, for its rate may have been raised. */
const EMPTY_MS = 500
/** A catalog that could not be reached is asked again after this time. */
const UNREACHED_MS = 1000
const BUCKETS_MAX = 20_000
const BUCKETS_AT_ONCE = 200
const ROUNDS_MAX = 50
const SWEEP_MS = 600_000

interface Bucket {
  readonly owner: RateOwner
  /** Granted to this process, until then. */
  held: number
  heldUntilMs: number
  /** Nothing is to be had before, as the catalog said when it was asked last. */
  emptyUntilMs: number
  /** Until then that is believed. */
  believedUntilMs: number
  /** Requests that wait for a token of it. */
  waiting: number
  grant: TokenGrant | null
}

/**
 * Buckets in the catalog, one for all processes. Each bucket is, in this process:
 *
 *   holding → a request takes a held token, without asking anybody
 *   dry     → those who wait ask together, in one statement with the other dry buckets
 *   empty   → requests are refused, without asking anybody, until there may be a token again
 *
 * A token is granted once, so all processes together never let more through than the rate allows;
 * what is held is used within half a second or given back. The limiter adds no failure of its own:
 * while the catalog cannot be reached requests go on, and meet that where they need it.
 */
export function createRateLimiter(parts: {
  readonly catalog: Catalog
  readonly clock: Clock
  readonly log: Logger
}): RateLimiter {
  const { catalog, clock, log } = parts
  const buckets = new Map<string, Bucket>()
  const dry = new Set<Bucket>()
  let asking: Promise<void> | null = null
  let unreachedUntilMs = 0
  let sweptMs = clock.monotonicMs()

  function bucketOf(owner: RateOwner): Bucket {
    const id = `${owner.kind} ${owner.subject}`
    const known = buckets.get(id)
    if (known) return known
    for (const [oldest, { waiting }] of buckets) {
      if (buckets.size < BUCKETS_MAX) break
      if (waiting === 0) buckets.delete(oldest)
    }
    const bucket = {
      owner,
      held: 0,
      heldUntilMs: 0,
      emptyUntilMs: 0,
      believedUntilMs: 0,
      waiting: 0,
      grant: null,
    }
    buckets.set(id, bucket)
    return bucket
  }

  /** Asks for all dry buckets; who comes while that is under way is part of the next question. */
  async function ask(): Promise<void> {
    while (dry.size > 0) {
      const asked = [...dry].slice(0, BUCKETS_AT_ONCE)
      for (const bucket of asked) dry.delete(bucket)
      const requests = asked.map(({ owner, waiting, held }) => ({
        ...owner,
        need: waiting,
        back: held,
      }))
      for (const bucket of asked) bucket.held = 0
      const begunMs = clock.monotonicMs()
      const grants = await catalog.asSystem((session) => takeTokens(session, requests))
      const nowMs = clock.monotonicMs()
      for (const [place, bucket] of asked.entries()) {
        const grant = grants[place]
        if (!grant) continue
        bucket.grant = grant
        bucket.held += grant.granted
        // As old as the question: when it was granted is known to the catalog only.
        bucket.heldUntilMs = Math.max(begunMs + HELD_MS, nowMs + 1)
        bucket.emptyUntilMs = nowMs + grant.waitMs
        bucket.believedUntilMs = nowMs + Math.min(grant.waitMs, EMPTY_MS)
      }
    }
  }

  function startAsking(): Promise<void> {
    asking ??= ask()
      .catch((error: unknown) => {
        dry.clear()
        unreachedUntilMs = clock.monotonicMs() + UNREACHED_MS
        log.warn('rates are not held: the catalog cannot be asked', { error })
      })
      .finally(() => {
        asking = null
        if (dry.size > 0) void startAsking()
      })
    return asking
  }

  async function refill(lacking: readonly Bucket[]): Promise<void> {
    for (const bucket of lacking) {
      bucket.waiting++
      dry.add(bucket)
    }
    await startAsking()
    for (const bucket of lacking) bucket.waiting--
  }

  async function sweep(): Promise<void> {
    await catalog
      .asSystem(async (session) => {
        if (await takeChore(session, 'rate-sweep', SWEEP_MS)) await sweepBuckets(session)
      })
      .catch((error: unknown) => log.warn('full rate buckets were not swept', { error }))
  }

  function refusal(bucket: Bucket, waitMs: number, all: readonly Bucket[]): RateVerdict {
    const states = statesOf(all)
    const state = states.find(({ owner }) => owner === bucket.owner)
    return { states, refused: state ? { state, waitMs } : null }
  }

  return {
    async take(owners) {
      const wanted = owners.map(bucketOf)
      const beganMs = clock.monotonicMs()
      if (beganMs - sweptMs >= SWEEP_MS) {
        sweptMs = beganMs
        void sweep()
      }
      for (let round = 0; round < ROUNDS_MAX; round++) {
        const nowMs = clock.monotonicMs()
        if (nowMs < unreachedUntilMs) return { states: [], refused: null }
        const lacking = wanted.filter(({ held, heldUntilMs }) => held < 1 || heldUntilMs <= nowMs)
        const empty = lacking.find(
          ({ held, believedUntilMs }) => held < 1 && believedUntilMs > nowMs,
        )
        if (empty) return refusal(empty, empty.emptyUntilMs - nowMs, wanted)
        if (lacking.length === 0) {
          for (const bucket of wanted) bucket.held--
          return { states: statesOf(wanted), refused: null }
        }
        await refill(lacking)
      }
      const [last] = wanted
      return last ? refusal(last, EMPTY_MS, wanted) : { states: [], refused: null }
    },
  }
}

function statesOf(buckets: readonly Bucket[]): RateState[] {
  const states: RateState[] = []
  for (const { owner, held, grant } of buckets) {
    if (!grant) continue
    const { perMinute, burst, tokens } = grant
    const left = Math.min(burst, Math.floor(tokens) + held)
    states.push({ owner, perMinute, burst, left, fullInMs: ((burst - left) * 60_000) / perMinute })
  }
  return states
}
