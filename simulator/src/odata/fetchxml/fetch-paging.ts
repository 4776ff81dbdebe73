import { MAX_PAGE_SIZE } from '../../service/context.ts';
import { badRequest } from '../../service/errors.ts';
import { parseInnerCookie, type PageMark } from '../paging.ts';
import type { XmlElement } from './parse-fetchxml.ts';

const WITHOUT_COOKIE_LIMIT = 50_000;
const PAGING_ATTRIBUTES = ['page', 'count', 'paging-cookie', 'returntotalrecordcount'];

/** Which part of the result a `<fetch>` asks for. */
export interface FetchPaging {
  readonly page: number;
  readonly size: number;
  /** Rows before the page, where no cookie tells its beginning. */
  readonly skip: number;
  readonly after: PageMark | undefined;
  /** The first rows and no pages. */
  readonly top: boolean;
}

/** With a cookie the page begins behind it; without one the rows before it are skipped, up to 50,000. */
export function readPaging({ attributes }: XmlElement): FetchPaging {
  const { top, count, page: pageText, 'paging-cookie': cookie } = attributes;
  if (top !== undefined) return topOnly(attributes, top);
  const page = number('page', pageText ?? '1');
  const size = Math.min(count === undefined ? MAX_PAGE_SIZE : number('count', count), MAX_PAGE_SIZE);
  if (cookie !== undefined && cookie !== '') {
    return { page, size, skip: 0, after: parseInnerCookie(cookie), top: false };
  }
  const skip = (page - 1) * size;
  if (skip + size > WITHOUT_COOKIE_LIMIT) {
    throw badRequest(
      'Over upper limit of records that can be requested without a paging cookie. A paging cookie is required when retrieving a high page number.',
      '0x8004430A',
    );
  }
  return { page, size, skip, after: undefined, top: false };
}

function topOnly(attributes: XmlElement['attributes'], top: string): FetchPaging {
  const other = PAGING_ATTRIBUTES.find((name) => attributes[name] !== undefined);
  if (other !== undefined) {
    throw badRequest(`The top attribute can't be specified with paging attribute ${other}`, '0x80040203');
  }
  const size = number('top', top);
  if (size > MAX_PAGE_SIZE) {
    throw badRequest(`The value of top can't exceed ${MAX_PAGE_SIZE}. Value: ${size}.`, '0x80040203');
  }
  return { page: 1, size, skip: 0, after: undefined, top: true };
}

function number(name: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw badRequest(`A value greater than zero must be specified. Attribute: ${name}.`, '0x8004110c');
}
