import { describePython } from './python-suite.ts';

describePython('test_verification');
describePython('test_archives.ArchiveTest.test_a_member_over_4_gib', { BSM_SLOW_TESTS: '1' });
