// SPDX-License-Identifier: MIT
/* Runs the suite of a libcheck program. */
#include "check_main.h"

#include <stdlib.h>

int main(void) {
  SRunner *runner = srunner_create(suite());
  int failed;

  srunner_run_all(runner, CK_ENV);
  failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
