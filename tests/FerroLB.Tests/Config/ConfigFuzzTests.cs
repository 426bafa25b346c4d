using System.Linq;
using FerroLB.Core.Kube.Objects;
using FerroLB.Protocols.Primitives;
using Xunit;
using static FerroLB.Tests.Config.ConfigObjects;

namespace FerroLB.Tests.Config;

/// <summary>Texts that are almost right, in every field that is a text.</summary>
public sealed class ConfigFuzzTests
{
    private static readonly string[] Seeds =
    [
        "10.0.0.0/24", "2001:db8::/64", "10.0.0.1-10.0.0.9", "::ffff:10.0.0.0/120", "::-::1", "64500:100", "large:1:2:3", "1m30s", "0.5h",
        "90s", "192.0.2.1", "fe80::1", "internal", "kubernetes.io/hostname", "true", "4294967295", "",
    ];

    private const string Letters = "0123456789abcdefxyz:./-+ %µ\0\uFFFF,hms";

    [Fact]
    public void Any_text_is_used_or_rejected_and_nothing_is_thrown()
    {
        var random = new SeededRandom(17);
        var (accepted, rejected) = (0, 0);
        for (var i = 0; i < 20_000; i++)
        {
            var result = Build(Objects(random));
            accepted += result.Config.Pools.Length + result.Config.BgpPeers.Length + result.Config.Communities.Length;
            rejected += result.Rejections.Length;
            Assert.All(result.Rejections, rejection => Assert.InRange(rejection.ToString().Length, 20, 900));
        }
        Assert.InRange(accepted, 5_000, int.MaxValue);
        Assert.InRange(rejected, 20_000, int.MaxValue);
    }

    private static KubeObject[] Objects(SeededRandom random) =>
    [
        Pool("p", Text(random), Text(random)),
        new Community { Metadata = new() { Name = "c" }, Aliases = [new(Text(random), Text(random)), new("gold", "1:1")] },
        BgpAd("ad", new() { Communities = [Text(random), "gold"], NodeSelectors = [Where(Text(random), "In", Text(random))] }),
        Peer("tor", spec => spec with
        {
            PeerAddress = Text(random), SourceAddress = Maybe(random), RouterId = Maybe(random), HoldTime = Maybe(random),
            KeepaliveTime = Maybe(random), ConnectTime = Maybe(random), DynamicAsn = Maybe(random), Interface = Maybe(random),
        }),
        Peer("plain", spec => spec with { HoldTime = Maybe(random) }),
        NodeOf("n1"),
    ];

    private static string? Maybe(SeededRandom random) => random.Next(4) == 0 ? Text(random) : null;

    private static string Text(SeededRandom random)
    {
        var text = Seeds[random.Next(Seeds.Length)].ToList();
        for (var changes = random.Next(3); changes > 0; changes--)
        {
            var at = random.Next(text.Count + 1);
            if (at < text.Count && random.Next(2) == 0)
                text.RemoveAt(at);
            else
                text.Insert(at, Letters[random.Next(Letters.Length)]);
        }
        return new([.. text]);
    }
}
