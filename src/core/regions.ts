/** The three registration regions, by the organisation's code. The pipeline itself always lives in NA. */
export type RegionCode = 'NA' | 'EU' | 'FE';

export const AWS_REGIONS: Readonly<Record<RegionCode, string>> = {
  NA: 'us-east-1',
  EU: 'eu-west-1',
  FE: 'us-west-2',
};

/** Where pipelines, their jobs and the bucket live, whatever the registration regions. */
export const PIPELINE_REGION = AWS_REGIONS.NA;

export const REGION_CODES = Object.keys(AWS_REGIONS) as readonly RegionCode[];

/** `NA`, `na` or `us-east-1` -> `NA`; undefined for anything else. */
export function regionCode(text: string): RegionCode | undefined {
  const wanted = text.trim().toLowerCase();
  return REGION_CODES.find((code) => code.toLowerCase() === wanted || AWS_REGIONS[code] === wanted);
}
