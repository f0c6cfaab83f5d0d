export interface S3Location {
  readonly bucket: string
  /** Letter by letter as in the address: nothing is decoded. */
  readonly key: string
}

export function formatS3Location({ bucket, key }: S3Location): string {
  return `s3://${bucket}/${key}`
}
