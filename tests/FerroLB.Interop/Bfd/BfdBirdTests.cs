using System;
using System.Text.RegularExpressions;
using FerroLB.Interop.Lan;
using FerroLB.Interop.Routers;
using FerroLB.Protocols.Bfd;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Interop.Bfd;

/// <summary>BFD with BIRD.</summary>
public sealed class BfdBirdTests : IDisposable
{
    private static readonly BfdSessionConfig Quick = new()
    {
        ReceiveInterval = TimeSpan.FromMilliseconds(80),
        TransmitInterval = TimeSpan.FromMilliseconds(120),
        DetectMultiplier = 5,
    };

    private readonly TestLan _lan = new("node", "router");
    private readonly BfdNode _node;

    public BfdBirdTests() => _node = new(_lan, "node");

    public void Dispose()
    {
        _node.Dispose();
        _lan.Dispose();
    }

    [Fact]
    public void Bird_sees_our_pace_and_we_notice_when_it_is_killed()
    {
        using var bird = Start("");
        _node.Want(Key(), Quick);
        _node.UntilState(BfdState.Up);
        // BIRD sends at 100 ms, the slower of its 100 and our 80; it waits for five of our 120 ms.
        _lan.Until("BIRD uses the intervals of both", () => Regex.IsMatch(
            bird.Run("show", "bfd", "sessions"), @"10\.98\.0\.2\s+eth0\s+Up\s+\S+\s+0\.100\s+0\.600"));
        Assert.Equal(TimeSpan.FromMilliseconds(120), _node.Session!.TransmitInterval);
        bird.Kill();
        _node.UntilState(BfdState.Down);
        Assert.Equal(BfdDiagnostic.ControlDetectionTimeExpired, _node.Session!.Diagnostic);
    }

    [Fact]
    public void Bird_hears_that_we_stop_on_purpose()
    {
        using var bird = Start("");
        _node.Want(Key(), Quick);
        _node.UntilState(BfdState.Up);
        _node.Post(BfdInput.SessionUnwanted(Key()));
        _lan.Until("BIRD is down", () => Regex.IsMatch(bird.Run("show", "bfd", "sessions"), @"10\.98\.0\.2\s+eth0\s+Down"));
        _lan.Until("the session is over", () => _node.Session is null);
    }

    [Fact]
    public void Authenticated_packets_are_dropped()
    {
        using var bird = Start("authentication simple; password \"secret\" { id 1; };");
        _node.Want(Key(), Quick);
        _lan.Until("we were heard and refused", () => _node.Session is { Counters.ControlOut: > 3 });
        Assert.Equal((BfdState.Down, 0), (_node.Session!.State, _node.Session.Counters.ControlIn));
    }

    private BfdSessionKey Key() => new(false, IpAddress.Parse("10.98.0.3"), IpAddress.Parse("10.98.0.2"), _node.LinkIndex);

    private BirdRouter Start(string more) => new(_lan, "router", $$"""
        router id 10.98.0.3;
        protocol device { }
        protocol bfd {
          interface "eth0" { min rx interval 60 ms; min tx interval 100 ms; idle tx interval 500 ms; multiplier 4; {{more}} };
          neighbor 10.98.0.2 dev "eth0";
        }
        """);
}
