# SPDX-License-Identifier: MIT
# Part of Makefile.am: tests and benchmarks.

# --- Tests: `make check` ------------------------------------------------------
# core_tests link the core alone, which proves that it needs nothing else.
core_tests = \
	tests/unit/check_conservation \
	tests/unit/check_display \
	tests/unit/check_filter \
	tests/unit/check_groups \
	tests/unit/check_held \
	tests/unit/check_label \
	tests/unit/check_lines \
	tests/unit/check_orders \
	tests/unit/check_path \
	tests/unit/check_rank \
	tests/unit/check_rows \
	tests/unit/check_sampler \
	tests/unit/check_settings \
	tests/unit/check_tally
probe_tests = \
	tests/unit/check_attach \
	tests/unit/check_caches \
	tests/unit/check_capability \
	tests/unit/check_check \
	tests/unit/check_contract \
	tests/unit/check_counters \
	tests/unit/check_counts \
	tests/unit/check_cpus \
	tests/unit/check_features \
	tests/unit/check_files \
	tests/unit/check_hook \
	tests/unit/check_instructions \
	tests/unit/check_kallsyms \
	tests/unit/check_log \
	tests/unit/check_mappings \
	tests/unit/check_pagefault \
	tests/unit/check_pagefault_hooks \
	tests/unit/check_pagefault_object \
	tests/unit/check_perf \
	tests/unit/check_preempt \
	tests/unit/check_refusal \
	tests/unit/check_run \
	tests/unit/check_slab \
	tests/unit/check_slabinfo \
	tests/unit/check_switches \
	tests/unit/check_types
dispatch_tests = tests/unit/check_dispatch tests/unit/check_module
if BUILD_CLI
cli_tests = tests/unit/check_controls
endif
unit_tests = $(core_tests) $(cli_tests) $(probe_tests) $(dispatch_tests)
check_scripts = tests/check_layout.sh tests/check_style.sh \
	tests/check_documents.py tests/check_tests.sh

if HAVE_CHECK
check_units = $(unit_tests)
endif
workloads = tests/workload/faults tests/workload/many \
	tests/workload/mapped tests/workload/objects tests/workload/refuse \
	tests/workload/storm tests/workload/waits
check_PROGRAMS = $(check_units) $(workloads) tests/churn contrib/demo
if BUILD_MODULE
check_LTLIBRARIES = tests/simulated/bpfmem.la
endif
TESTS = $(check_units) $(check_scripts)

tests_env = BPFMEM_SRCDIR='$(abs_srcdir)'; BPFMEM_BUILDDIR='$(abs_builddir)'; \
	export BPFMEM_SRCDIR BPFMEM_BUILDDIR;
# What check_layout.sh compiles headers with, in the build directory.
check_env = $(tests_env) BPFMEM_BPF_COMPILE='$(bpf_compile)'; \
	BPFMEM_COMPILE='$(CC) -std=gnu11 -D_GNU_SOURCE= $(WARN_CFLAGS) \
	$(probe_includes)'; export BPFMEM_BPF_COMPILE BPFMEM_COMPILE;
AM_TESTS_ENVIRONMENT = $(check_env)

# What has no flags of its own is a test of a probe or of what probes share. Most
# have a fake for what is around a module: names that a test defines are not looked
# for in libraries, and the linker sends calls of the C library to it.
AM_CPPFLAGS = $(probe_includes) $(CHECK_CFLAGS)
LDADD = libprobe.la libcore.la $(bpf_libs) $(CHECK_LIBS)
core_test_cppflags = $(core_includes) $(CHECK_CFLAGS)
core_test_libs = libcore.la $(CHECK_LIBS)
test_main = tests/unit/check_main.c tests/unit/check_main.h

tests_unit_check_conservation_SOURCES = tests/unit/check_conservation.c \
	tests/unit/count_allocs.h tests/unit/fake_source.h $(test_main)
tests_unit_check_conservation_CPPFLAGS = $(core_test_cppflags)
tests_unit_check_conservation_LDADD = $(core_test_libs)
tests_unit_check_controls_SOURCES = tests/unit/check_controls.c $(cli_rows) \
	contrib/bpfmem-top/controls.c contrib/bpfmem-top/controls.h $(test_main)
tests_unit_check_controls_CPPFLAGS = $(core_test_cppflags) -I$(srcdir)/contrib \
	$(NCURSES_CFLAGS)
tests_unit_check_controls_LDADD = $(core_test_libs)
tests_unit_check_display_SOURCES = tests/unit/check_display.c \
	contrib/bpfmem-top/display.c contrib/bpfmem-top/display.h $(test_main)
tests_unit_check_display_CPPFLAGS = $(core_test_cppflags) -I$(srcdir)/contrib
tests_unit_check_display_LDADD = $(core_test_libs)
tests_unit_check_filter_SOURCES = tests/unit/check_filter.c $(test_main)
tests_unit_check_filter_CPPFLAGS = $(core_test_cppflags)
tests_unit_check_filter_LDADD = $(core_test_libs)
tests_unit_check_groups_SOURCES = tests/unit/check_groups.c $(test_main)
tests_unit_check_groups_CPPFLAGS = $(core_test_cppflags)
tests_unit_check_groups_LDADD = $(core_test_libs)
tests_unit_check_held_SOURCES = tests/unit/check_held.c $(test_main)
tests_unit_check_held_CPPFLAGS = $(core_test_cppflags)
tests_unit_check_held_LDADD = $(core_test_libs)
tests_unit_check_label_SOURCES = tests/unit/check_label.c $(test_main)
tests_unit_check_label_CPPFLAGS = $(core_test_cppflags)
tests_unit_check_label_LDADD = $(core_test_libs)
tests_unit_check_lines_SOURCES = tests/unit/check_lines.c $(cli_rows) \
	$(test_main)
tests_unit_check_lines_CPPFLAGS = $(core_test_cppflags) -I$(srcdir)/contrib
tests_unit_check_lines_LDADD = $(core_test_libs)
tests_unit_check_orders_SOURCES = tests/unit/check_orders.c \
	tests/unit/ranked_entries.h $(test_main)
tests_unit_check_orders_CPPFLAGS = $(core_test_cppflags)
tests_unit_check_orders_LDADD = $(core_test_libs)
tests_unit_check_path_SOURCES = tests/unit/check_path.c $(test_main)
tests_unit_check_path_CPPFLAGS = $(core_test_cppflags)
tests_unit_check_path_LDADD = $(core_test_libs)
tests_unit_check_rank_SOURCES = tests/unit/check_rank.c \
	tests/unit/ranked_entries.h $(test_main)
tests_unit_check_rank_CPPFLAGS = $(core_test_cppflags)
tests_unit_check_rank_LDADD = $(core_test_libs)
tests_unit_check_rows_SOURCES = tests/unit/check_rows.c $(cli_rows) \
	$(test_main)
tests_unit_check_rows_CPPFLAGS = $(core_test_cppflags) -I$(srcdir)/contrib
tests_unit_check_rows_LDADD = $(core_test_libs)
tests_unit_check_sampler_SOURCES = tests/unit/check_sampler.c \
	tests/unit/count_allocs.h tests/unit/fake_source.h \
	tests/unit/sampled_rows.h $(test_main)
tests_unit_check_sampler_CPPFLAGS = $(core_test_cppflags)
tests_unit_check_sampler_LDADD = $(core_test_libs)
tests_unit_check_settings_SOURCES = tests/unit/check_settings.c $(test_main)
tests_unit_check_settings_CPPFLAGS = $(core_test_cppflags)
tests_unit_check_settings_LDADD = $(core_test_libs)
tests_unit_check_tally_SOURCES = tests/unit/check_tally.c \
	tests/unit/count_allocs.h $(test_main)
tests_unit_check_tally_CPPFLAGS = $(core_test_cppflags)
tests_unit_check_tally_LDADD = $(core_test_libs)

tests_unit_check_attach_SOURCES = tests/unit/check_attach.c \
	tests/unit/opened_objects.h $(test_main)
$(tests_unit_check_attach_OBJECTS): $(skeletons)
tests_unit_check_caches_SOURCES = tests/unit/check_caches.c $(test_main)
tests_unit_check_capability_SOURCES = tests/unit/check_capability.c \
	$(test_main)
tests_unit_check_capability_LDFLAGS = -Wl,--wrap=stat -Wl,--wrap=syscall
tests_unit_check_check_SOURCES = tests/unit/check_check.c $(test_main)
tests_unit_check_check_LDFLAGS = -Wl,--wrap=fopen
tests_unit_check_contract_SOURCES = tests/unit/check_contract.c \
	tests/unit/opened_objects.h $(test_main)
$(tests_unit_check_contract_OBJECTS): $(skeletons)
tests_unit_check_counters_SOURCES = tests/unit/check_counters.c $(test_main)
tests_unit_check_counts_SOURCES = tests/unit/check_counts.c $(test_main)
tests_unit_check_cpus_SOURCES = tests/unit/check_cpus.c $(test_main)
tests_unit_check_cpus_LDFLAGS = -Wl,--wrap=close -Wl,--wrap=fopen \
	-Wl,--wrap=syscall
tests_unit_check_features_SOURCES = tests/unit/check_features.c $(test_main)
tests_unit_check_features_LDFLAGS = -Wl,--wrap=access \
	-Wl,--wrap=bpf_prog_load -Wl,--wrap=open
tests_unit_check_files_SOURCES = tests/unit/check_files.c \
	tests/unit/fake_files.h $(test_main)
tests_unit_check_run_SOURCES = tests/unit/check_run.c $(test_main)
tests_unit_check_hook_SOURCES = tests/unit/check_hook.c \
	tests/unit/known_kernels.h $(test_main)
tests_unit_check_instructions_SOURCES = tests/unit/check_instructions.c \
	tests/unit/instructions.h $(test_main)
$(tests_unit_check_instructions_OBJECTS): $(skeletons)
tests_unit_check_kallsyms_SOURCES = tests/unit/check_kallsyms.c $(test_main)
tests_unit_check_kallsyms_LDFLAGS = -Wl,--wrap=fopen
tests_unit_check_log_SOURCES = tests/unit/check_log.c $(test_main)
tests_unit_check_mappings_SOURCES = tests/unit/check_mappings.c $(test_main)
tests_unit_check_mappings_LDFLAGS = -Wl,--wrap=fopen
tests_unit_check_pagefault_SOURCES = tests/unit/check_pagefault.c \
	tests/unit/fake_kernel.h $(test_main)
tests_unit_check_pagefault_LDFLAGS = -Wl,--wrap=fopen
tests_unit_check_pagefault_hooks_SOURCES = tests/unit/check_pagefault_hooks.c \
	$(test_main)
tests_unit_check_pagefault_object_SOURCES = tests/unit/check_pagefault_object.c \
	$(test_main)
tests_unit_check_perf_SOURCES = tests/unit/check_perf.c \
	tests/unit/fake_perf.h $(test_main)
tests_unit_check_perf_LDFLAGS = -Wl,--wrap=close -Wl,--wrap=ioctl \
	-Wl,--wrap=open -Wl,--wrap=read -Wl,--wrap=syscall
tests_unit_check_preempt_SOURCES = tests/unit/check_preempt.c $(test_main)
tests_unit_check_refusal_SOURCES = tests/unit/check_refusal.c $(test_main)
tests_unit_check_refusal_LDFLAGS = -Wl,--wrap=access \
	-Wl,--wrap=bpf_prog_load -Wl,--wrap=fopen -Wl,--wrap=getrlimit
tests_unit_check_slab_SOURCES = tests/unit/check_slab.c $(test_main)
$(tests_unit_check_slab_OBJECTS): $(skeletons)
tests_unit_check_slabinfo_SOURCES = tests/unit/check_slabinfo.c $(test_main)
tests_unit_check_slabinfo_LDFLAGS = -Wl,--wrap=open
tests_unit_check_switches_SOURCES = tests/unit/check_switches.c $(test_main)
tests_unit_check_switches_LDFLAGS = -Wl,--wrap=close -Wl,--wrap=open \
	-Wl,--wrap=read
tests_unit_check_types_SOURCES = tests/unit/check_types.c \
	tests/unit/opened_objects.h $(test_main)
$(tests_unit_check_types_OBJECTS): $(skeletons)

module_test_cppflags = $(module_includes) $(CHECK_CFLAGS)
fake_collectd = tests/unit/fake_collectd.c tests/unit/fake_collectd.h \
	tests/unit/fake_log.h
tests_unit_check_dispatch_SOURCES = tests/unit/check_dispatch.c \
	$(fake_collectd) $(dispatch_sources) $(test_main)
tests_unit_check_dispatch_CPPFLAGS = $(module_test_cppflags)
tests_unit_check_dispatch_LDADD = $(core_test_libs)
tests_unit_check_module_SOURCES = tests/unit/check_module.c $(fake_collectd) \
	tests/unit/fake_probes.c tests/unit/fake_probes.h \
	tests/unit/fake_source.h $(module_sources) $(probe_list) $(test_main)
tests_unit_check_module_CPPFLAGS = $(module_test_cppflags) \
	-Dclock_gettime=fake_clock
tests_unit_check_module_LDADD = $(core_test_libs)

# Not instrumented: sanitizers would add page faults of their own. A stack grows
# by what only the machine knows, its page size.
tests_workload_faults_SOURCES = \
	tests/workload/faults.c \
	tests/workload/faults.h \
	tests/workload/faults_area.c \
	tests/workload/faults_children.c \
	tests/workload/faults_kernel.c \
	tests/workload/faults_list.c \
	tests/workload/faults_measure.c \
	tests/workload/faults_memory.c \
	tests/workload/faults_signal.c \
	tests/workload/faults_supply.c
tests_workload_faults_CFLAGS = -std=gnu11 $(WARN_CFLAGS) $(WERROR_CFLAGS) \
	-Wno-vla -pthread
tests_workload_faults_CPPFLAGS =
tests_workload_faults_LDADD =
tests_workload_many_SOURCES = tests/workload/many.c
tests_workload_many_CFLAGS = $(tests_workload_faults_CFLAGS)
tests_workload_many_CPPFLAGS =
tests_workload_many_LDADD =
tests_workload_mapped_SOURCES = tests/workload/mapped.c
tests_workload_mapped_CFLAGS = $(tests_workload_faults_CFLAGS)
tests_workload_mapped_CPPFLAGS =
tests_workload_mapped_LDADD =
tests_workload_objects_SOURCES = \
	tests/workload/objects.c \
	tests/workload/objects.h \
	tests/workload/objects_files.c \
	tests/workload/objects_memory.c \
	tests/workload/objects_tasks.c
tests_workload_objects_CFLAGS = $(tests_workload_faults_CFLAGS)
tests_workload_objects_CPPFLAGS =
tests_workload_objects_LDADD = $(LIBBPF_LIBS)
tests_workload_refuse_SOURCES = tests/workload/refuse.c
tests_workload_refuse_CFLAGS = $(tests_workload_faults_CFLAGS)
tests_workload_refuse_CPPFLAGS =
tests_workload_refuse_LDADD =
tests_workload_waits_SOURCES = tests/workload/waits.c
tests_workload_waits_CFLAGS = $(tests_workload_faults_CFLAGS)
tests_workload_waits_CPPFLAGS =
tests_workload_waits_LDADD =
tests_workload_storm_SOURCES = tests/workload/storm.c
tests_workload_storm_CFLAGS = $(tests_workload_faults_CFLAGS)
tests_workload_storm_CPPFLAGS =
tests_workload_storm_LDADD =

# Of contrib/quickstart.
contrib_demo_SOURCES = contrib/demo.c
contrib_demo_CFLAGS = $(tests_workload_faults_CFLAGS)
contrib_demo_CPPFLAGS =
contrib_demo_LDADD =

tests_churn_SOURCES = tests/churn.c
tests_churn_CPPFLAGS = $(core_includes)
tests_churn_LDADD = libcore.la

# The plugin without a kernel, for tests of fleets. -rpath: or there is no .so.
tests_simulated_bpfmem_la_SOURCES = tests/simulated.c $(module_sources) \
	$(probe_list)
tests_simulated_bpfmem_la_CPPFLAGS = $(module_includes) -Dclock_gettime=fleet_clock
tests_simulated_bpfmem_la_LDFLAGS = -module -avoid-version \
	-rpath '$(abs_builddir)' -export-symbols-regex '^module_register$$'
tests_simulated_bpfmem_la_LIBADD = libcore.la

# The plugin with sanitizers in every build, for collectd with libasan preloaded.
EXTRA_LTLIBRARIES = tests/checked/bpfmem.la
tests_checked_bpfmem_la_SOURCES = $(module_sources) $(probe_sources) \
	$(core_sources)
tests_checked_bpfmem_la_CPPFLAGS = $(probe_includes) $(module_includes)
tests_checked_bpfmem_la_CFLAGS = $(tests_inject_inject_CFLAGS) \
	-fno-omit-frame-pointer
tests_checked_bpfmem_la_LDFLAGS = -module -avoid-version \
	-rpath '$(abs_builddir)' -export-symbols-regex '^module_register$$'
tests_checked_bpfmem_la_LIBADD = $(bpf_libs)
$(tests_checked_bpfmem_la_OBJECTS): $(skeletons)
if BUILD_MODULE
checked = tests/checked/bpfmem.la
endif

check-local:
if !HAVE_CHECK
	@echo 'No libcheck when configure ran (Debian package check), so no' \
	  'unit test could run.' >&2; exit 1
endif

# --- Tests that need root, a daemon or a kernel of their own ------------------
KERNELS = 5.10 6.1 6.12 6.18 7.3

DAEMON_TESTS = $(srcdir)/tests/daemon/t_*.sh
# What the daemon promises in the first place, in seconds each.
daemon_short = faults groups instances lifecycle memory names options orders \
	slab stalls totals
check-daemon-short: all $(workloads)
	@$(tests_env) $(srcdir)/tests/each $(daemon_short:%=$(srcdir)/tests/daemon/t_%.sh)

check-daemon: all $(check_PROGRAMS) $(checked) tests/inject/inject
	@$(tests_env) $(srcdir)/tests/each $(DAEMON_TESTS)

check-top: all $(check_PROGRAMS)
	@$(tests_env) $(srcdir)/tests/each $(srcdir)/tests/top/t_*.sh

# With the simulated probes, whose events are missed when a test wants it.
check-downstream: all $(check_PROGRAMS) $(check_LTLIBRARIES)
	@$(tests_env) $(srcdir)/tests/each $(srcdir)/tests/downstream/t_*.sh

check-fleet: all $(check_PROGRAMS) $(check_LTLIBRARIES)
	@$(tests_env) $(srcdir)/tests/each $(srcdir)/tests/fleet/t_*.sh

# What a series costs, in a table for contrib/fleet/README.md.
bench-fleet: all $(check_PROGRAMS) $(check_LTLIBRARIES)
	@$(tests_env) $(srcdir)/tests/fleet/measure

# Two guests more than there are processors: an emulated one has one thread, and rests
# half of the time. Their tests wait for events, so that little depends on their speed.
VM_JOBS = `expr $$(getconf _NPROCESSORS_ONLN) + 2`
vm_each = $(srcdir)/tests/each -j $(VM_JOBS)
# $(call vm_on,KERNELS,TESTS): all TESTS in one guest of each kernel.
vm_on = $(foreach kernel,$(1),'$(srcdir)/tests/vm/together.sh:$(kernel) $(2)')

# What has little to do with the kernel's age runs on the first and the last.
vm_ends = $(firstword $(KERNELS)) \
	$(filter-out $(firstword $(KERNELS)),$(lastword $(KERNELS)))
# One that lets function tracing be switched off, which neither end does; and a
# soak is about the daemon more than the kernel.
vm_one = $(firstword $(filter 6.1,$(KERNELS)) $(KERNELS))
# One guest for both ends: it builds with several compilers first.
vm_compilers = '$(srcdir)/tests/vm/t_compilers.sh:$(vm_ends)'

# What the kernel accounts for the whole machine, which t_sums.sh compares, it accounts in
# one way up to 6.3 and in another since: between the ends there is nothing new.
vm_middle = $(filter-out $(vm_ends),$(KERNELS))

# t_refusals leaves no /sys, and t_lockdown no BPF: each is the last of its guest.
# The longest first, so that no processor waits for another at the end. The last kernel
# is the one whose raw tracepoints are preemptible, as they are from 7.2 on.
check-vm: all $(check_PROGRAMS) $(checked)
	@$(tests_env) $(vm_each) $(vm_compilers) \
	  $(call vm_on,$(vm_ends),t_slab t_paths t_faults t_stalls t_sums t_lockdown) \
	  $(call vm_on,$(vm_ends),t_merged t_btf t_lifecycle t_refusals) \
	  $(call vm_on,$(vm_middle),t_slab t_paths t_faults t_stalls) \
	  $(call vm_on,$(vm_one),t_caches t_soak t_switches) \
	  $(call vm_on,$(vm_ends),t_losses) $(call vm_on,$(vm_ends),t_pressure) \
	  $(call vm_on,$(lastword $(KERNELS)),t_crowd)

# What is counted, where fexit is taken and where event is.
check-vm-short: all $(check_PROGRAMS)
	@$(tests_env) BPFMEM_OWN_HOOK=1 $(vm_each) \
	  $(call vm_on,$(vm_one) $(lastword $(KERNELS)),t_faults t_merged)

# The same for arm64, with a cross build in a directory of that name.
check-vm-arm64:
	@$(tests_env) $(srcdir)/tests/each $(srcdir)/tests/vm/cross:aarch64 && \
	  BPFMEM_ARCH=aarch64 BPFMEM_BUILDDIR='$(abs_builddir)/aarch64' \
	  $(vm_each) $(call vm_on,$(KERNELS),t_slab t_faults t_stalls)

clean-local:
	rm -rf aarch64 compilers

# FUZZ_SECONDS for each target, as many at a time as there are processors.
FUZZ_SECONDS = 60
check-fuzz:
	@CLANG='$(CLANG)' $(srcdir)/tests/fuzz/run -s $(FUZZ_SECONDS)

check-programs: $(check_PROGRAMS) $(check_LTLIBRARIES)

# For its coverage.
check-core: $(core_tests)
	@$(check_env) $(srcdir)/tests/each $(core_tests)

# The plugin with sanitizers, for check-daemon and check-vm.
check-instrumented: $(checked) tests/inject/inject

# What `make check' runs, one by one, with times and counts. That of style, which takes a
# minute, and of tests say the same in each build.
CHECKS = $(check_scripts)
check-each: all $(check_PROGRAMS)
	@$(check_env) $(srcdir)/tests/each $(check_units) \
	  $(CHECKS:%=$(srcdir)/%)

check-valgrind: $(check_units)
	@$(tests_env) CK_FORK=no; export CK_FORK; for test in $(check_units); do \
	  echo "valgrind $$test"; \
	  valgrind --quiet --leak-check=full --error-exitcode=1 ./$$test || \
	    exit 1; \
	done

# The whole plugin, instrumented in every build, where each call can fail.
tests_inject_inject_SOURCES = \
	tests/inject/allocs.c \
	tests/inject/calls.c \
	tests/inject/host.c \
	tests/inject/host.h \
	tests/inject/inject.c \
	tests/inject/inject.h \
	tests/inject/main.c \
	tests/inject/objects.c \
	tests/inject/objects.h \
	tests/inject/run.c \
	tests/inject/run.h \
	tests/inject/workload.c \
	tests/inject/workload.h \
	tests/unit/fake_log.h \
	$(module_sources) $(probe_sources) $(core_sources)
tests_inject_inject_CPPFLAGS = $(probe_includes) $(module_includes) \
	-I$(srcdir)/tests
tests_inject_inject_CFLAGS = -std=gnu11 $(WARN_CFLAGS) $(WERROR_CFLAGS) \
	-U_FORTIFY_SOURCE -fsanitize=address,undefined \
	-fno-sanitize-recover=undefined
tests_inject_inject_LDADD = $(bpf_libs)
$(tests_inject_inject_OBJECTS): $(skeletons)

# Beside each figure stands that of empty programs at the same hooks. The linker
# sends calls of perf_open() to the benchmark, for CPUs that do not exist.
EXTRA_PROGRAMS = tests/bench/bench tests/inject/inject
tests_bench_bench_SOURCES = \
	tests/bench/bench.h \
	tests/bench/common.c \
	tests/bench/compare.c \
	tests/bench/contention.c \
	tests/bench/empty.c \
	tests/bench/files.c \
	tests/bench/harvest.c \
	tests/bench/kernelmem.c \
	tests/bench/kernelmem.h \
	tests/bench/least.c \
	tests/bench/macro.c \
	tests/bench/main.c \
	tests/bench/memory.c \
	tests/bench/micro.c \
	tests/bench/micro.h \
	tests/bench/rounds.c \
	tests/bench/runner.c \
	tests/bench/session.c \
	tests/bench/start.c \
	tests/bench/states.c \
	tests/bench/syscalls.c \
	tests/bench/syscalls.h \
	tests/bench/tracer.c \
	tests/bench/work.c \
	tests/bench/worker.c \
	tests/bench/worker.h
tests_bench_bench_CPPFLAGS = $(probe_includes) -Itests/bench
tests_bench_bench_LDFLAGS = -Wl,--wrap=perf_open
tests_bench_bench_LDADD = libprobe.la libcore.la $(bpf_libs)
$(tests_bench_bench_OBJECTS): $(skeletons) $(bench_skeletons)
$(bench_objects): tests/bench/least.bpf.h

# make bench BENCH="micro harvest vm"; none named: all that run natively.
BENCH =
bench: all tests/bench/bench
	@$(tests_env) BENCH_CC='$(CC)' $(srcdir)/tests/bench/run $(BENCH)
