using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using FerroLB.Core.Certificates;
using FerroLB.Core.Status;
using FerroLB.Runtime.Tls;
using Xunit;

namespace FerroLB.Tests.Tls;

public sealed class ServedCertificateTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("ferrolb-").FullName;
    private readonly List<LogEvent> _log = [];

    public void Dispose() => Directory.Delete(_directory, true);

    [Fact]
    public void Changed_files_count_from_the_next_look_on_and_broken_ones_do_not()
    {
        Write(Issue("one.test"));
        var served = ServedCertificate.FromFiles(_directory, _log.Add);
        Assert.Equal("CN=one.test", Subject(served));
        Write(Issue("two.test"));
        Until(() => Subject(served) == "CN=two.test");
        File.WriteAllText(Path.Combine(_directory, "tls.key"), "no key");
        Until(() => Subject(served) == "CN=two.test" && _log.Exists(line => line.Level == LogLevel.Warn));
    }

    [Fact]
    public void Files_that_cannot_be_used_at_the_start_are_an_error_that_names_them()
    {
        var missing = Assert.Throws<IOException>(() => ServedCertificate.FromFiles(_directory, _log.Add));
        Assert.Contains("tls.crt", missing.Message, StringComparison.Ordinal);
        Write(Issue("one.test") with { ServerKey = Issue("other.test").ServerKey });
        Assert.Throws<IOException>(() => ServedCertificate.FromFiles(_directory, _log.Add));
    }

    [Fact]
    public void Self_signed_certificate_is_made_once()
    {
        var served = ServedCertificate.SelfSigned("localhost");
        Assert.Same(served.Current(), served.Current());
        Assert.Equal("CN=localhost", Subject(served));
    }

    private static string Subject(ServedCertificate served) => served.Current()!.TargetCertificate.Subject;

    private static CertificateBundle Issue(string name) =>
        CertificateIssuer.Issue(CertificateRules.Order(1, CertificateNeed.Everything, null, [name], DateTimeOffset.UtcNow));

    private void Write(CertificateBundle bundle)
    {
        File.WriteAllText(Path.Combine(_directory, "tls.crt"), bundle.ServerCertificate);
        File.WriteAllText(Path.Combine(_directory, "tls.key"), bundle.ServerKey);
    }

    private static void Until(Func<bool> condition) => Assert.True(SpinWait.SpinUntil(condition, TimeSpan.FromSeconds(60)));
}
