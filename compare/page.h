/* compare/page.h - what every page has in it: compare/page.css and compare/page.js, which the build turns into these
 * (cmake/Page.cmake). */
#ifndef ENIFLOW_COMPARE_PAGE_H
#define ENIFLOW_COMPARE_PAGE_H

extern const char compare_page_style[];  /* stands in <style> as it is */
extern const char compare_page_script[]; /* stands in <script> as it is */

/* The Content-Security-Policy: nothing may be fetched, and no style or script but those two, told by their hashes. */
extern const char compare_page_policy[];

#endif
