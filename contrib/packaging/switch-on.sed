# A package's bpfmem.conf from the sample, in which all is commented out.
s,^# Remove the # in front of LoadPlugin to start.*,# Remove the # in front of <Plugin> to </Plugin> to change an option: all are at,
s,^# change an option: all are at their defaults.*,# their defaults.,
s,^#\(LoadPlugin bpfmem\)$,\1,
