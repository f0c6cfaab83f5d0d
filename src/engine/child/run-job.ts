import { runBuild } from '#engine/analysis/build.ts'
import { runAppend } from '#engine/append/run-append.ts'
import { runConvert } from '#engine/convert/convert.ts'
import { runFigures, runHeld } from '#engine/convert/run-held.ts'
import { runInspect } from '#engine/inspect.ts'
import type { JobContext } from '#engine/job-context.ts'
import type { Job, JobResult } from '#engine/protocol.ts'
import { runSubjectJob } from '#engine/subjects/run-subject-job.ts'

export function runJob(job: Job, context: JobContext): Promise<JobResult> {
  switch (job.kind) {
    case 'append':
      return runAppend(job, context)
    case 'convert':
      return runConvert(job, context)
    case 'build':
      return runBuild(job, context)
    case 'inspect':
      return runInspect(job, context)
    case 'held':
      return runHeld(job, context)
    case 'figures':
      return runFigures(job, context)
    case 'subject-forget':
    case 'subject-collect':
    case 'subject-compact':
    case 'subject-seen':
    case 'subject-trace':
      return runSubjectJob(job, context)
  }
}
