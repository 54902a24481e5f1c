/**
 * Where on earth a site serves its people, as far as its name tells: pure data. Providers that people everywhere use are
 * `global`; a country's own provider is where the country is; any other name is where its country code belongs. An ending
 * that anybody uses (com, and co, io, me, tv, to and their like) tells nothing: `unknown`. Countries on two continents are where most of their people live.
 */
export const regions = [
  'global',
  'africa',
  'asia',
  'europe',
  'north_america',
  'oceania',
  'south_america',
  'unknown',
] as const;
export type Region = (typeof regions)[number];

/** Registrable domains of MX hosts. */
const providers: Readonly<Partial<Record<Region, string>>> = {
  global:
    'google.com googlemail.com outlook.com hotmail.com mx.microsoft yahoodns.net yahoo.com aol.com icloud.com apple.com ' +
    'zoho.com protonmail.ch proton.me fastmail.com messagingengine.com mail.com',
  europe:
    'gmx.net gmx.com web.de kundenserver.de mail.ru orange.com ionos.com one.com hostinger.com mailbox.org infomaniak.ch',
  asia: 'qq.com 163.com 126.com netease.com aliyun.com mxhichina.com naver.com daum.net hanmail.net nifty.com biglobe.ne.jp',
  north_america: 'comcast.net charter.net cox.net att.net verizon.net rogers.com shaw.ca bell.net',
  south_america: 'locaweb.com.br uol.com.br terra.com',
  oceania: 'bigpond.com optusnet.com.au xtra.co.nz',
};

/** Country codes by ISO 3166-1, where the endings of names follow them. */
const countries: Readonly<Partial<Record<Region, string>>> = {
  africa:
    'ao bf bi bj bw cd cf cg ci cm cv dj dz eg er et ga gh gm gn gq gw ke km lr ls ma mg ml mr mu mw mz na ne ng re rw sc sd ' +
    'sl sn so ss st sz td tg tn tz ug yt za zm zw',
  asia:
    'ae af am az bd bh bn bt cn ge hk id il in iq ir jo jp kg kh kp kr kw kz la lb lk mm mn mo mv my np om ph pk ps qa sa sg sy ' +
    'th tj tl tm tr tw uz vn ye',
  europe:
    'ad al at ax ba be bg by ch cy cz de dk ee es eu fi fo fr gi gr hr hu ie im is it je lt lu lv mc md mk mt nl no pl pt ' +
    'ro rs ru se si sk sm su ua uk va',
  north_america:
    'ag aw bb bm bq bs bz ca cr cu cw dm do gd gl gp gt hn ht jm kn ky lc mq ms mx ni pa pm pr sv sx tc tt us vc vg vi',
  oceania: 'as au ck fj gu ki mh mp nc nf nr nz pf pg pn pw sb tk vu wf',
  south_america: 'ar bo br cl ec fk gf gy pe py sr uy ve',
};

function byName(lists: Readonly<Partial<Record<Region, string>>>): Readonly<Record<string, Region>> {
  return Object.fromEntries(
    Object.entries(lists).flatMap(([region, names]) =>
      names.split(' ').map((name) => [name, region as Region]),
    ),
  );
}

/** A site is looked up by its whole name, then by its ending; what is in neither is `unknown`. */
export function regionOf(site: string): Region {
  return regionNames.ofSite[site] ?? regionNames.ofEnding[/[^.]*$/.exec(site)?.[0] ?? ''] ?? 'unknown';
}

/** What `regionOf` looks in, for statements. */
export const regionNames = { ofSite: byName(providers), ofEnding: byName(countries) } as const;
