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

# What is in them; and what they do where they are installed.
package_file_tests = \
	$(srcdir)/tests/package/t_deb.sh \
	$(srcdir)/tests/package/t_rpm.sh
package_tests = \
	$(srcdir)/tests/package/t_confined.sh \
	$(srcdir)/tests/package/t_install.sh \
	$(srcdir)/tests/package/t_policy.sh \
	$(srcdir)/tests/package/t_privilege.sh

check-package: deb rpm
	@$(MAKE) $(AM_MAKEFLAGS) check-package-files check-package-installed

check-package-files:
	@$(tests_env) $(srcdir)/tests/each $(package_file_tests)

check-package-installed: all $(check_PROGRAMS)
	@$(tests_env) $(srcdir)/tests/each $(package_tests)

mostlyclean-local:
	rm -rf deb rpm

.PHONY: deb rpm check-package check-package-files check-package-installed
