# SPDX-License-Identifier: MIT
# Part of Makefile.am: packages, and the tests of what is packaged.

# Beside its directory, so that it is made anew when it is out of date.
EXTRA_DIST += contrib/packaging/bpfmem.spec

# In deb/, so that nothing in the build is mistaken for the package's.
deb: dist
	@$(srcdir)/contrib/packaging/build-deb $(distdir).tar.xz deb

# RPMFLAGS: more options. --nodeps: the spec names Fedora's packages, which Debian's rpm
# does not know.
rpm: dist
	@rm -rf rpm
	rpmbuild -ta --nodeps $(RPMFLAGS) --define '_topdir $(abs_builddir)/rpm' \
	  $(distdir).tar.xz

package_tests = \
	$(srcdir)/tests/package/t_confined.sh \
	$(srcdir)/tests/package/t_deb.sh \
	$(srcdir)/tests/package/t_install.sh \
	$(srcdir)/tests/package/t_policy.sh \
	$(srcdir)/tests/package/t_privilege.sh \
	$(srcdir)/tests/package/t_rpm.sh

check-package: deb rpm
	@$(MAKE) $(AM_MAKEFLAGS) check-package-built

check-package-built: all $(check_PROGRAMS)
	@$(tests_env) $(srcdir)/tests/each $(package_tests)

# Without a second build of it, and without the RPM: two minutes less.
check-package-short: all $(check_PROGRAMS)
	@$(tests_env) $(srcdir)/tests/each $(filter %/t_install.sh %/t_policy.sh \
	  %/t_privilege.sh,$(package_tests))

mostlyclean-local:
	rm -rf deb rpm

.PHONY: deb rpm check-package check-package-built check-package-short
