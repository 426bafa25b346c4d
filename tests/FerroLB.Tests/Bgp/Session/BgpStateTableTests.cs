using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Bgp.Session;
using FerroLB.Protocols.Bgp.Wire;
using Xunit;

namespace FerroLB.Tests.Bgp.Session;

/// <summary>
/// Every event in every state. A cell is the state afterwards, and the NOTIFICATION sent if any, as code/subcode. Held is Idle after an
/// error; Waiting is Active before the next attempt; Passive is Active until the peer connects.
/// </summary>
public sealed class BgpStateTableTests
{
    private static readonly string[] States =
        ["Idle", "Held", "Connect", "Waiting", "Passive", "OpenSent", "OpenConfirm", "Established"];

    // Columns in the order of States; "=" is no change.
    private const string Table = """
        Start          Connect     =           =           =           =           =           =           =
        Stop           =           =           Idle        Idle        Idle        Idle:6/2    Idle:6/2    Idle:6/2
        Deconfigure    =           =           Idle        Idle        Idle        Idle:6/3    Idle:6/3    Idle:6/3
        Restart        =           =           Idle        Idle        Idle        Idle:6/2    Idle:6/2    Idle:6/2
        Reset          =           Connect     =           Connect     =           Connect:6/4 Connect:6/4 Connect:6/4
        SameConfig     =           =           =           =           =           =           =           =
        OtherTimers    =           =           =           =           =           =           =           =
        OtherConfig    =           Connect     =           Connect     =           Connect:6/6 Connect:6/6 Connect:6/6
        Opened         =           =           OpenSent    =           =           =           =           =
        OpenedLate     =           =           =           =           =           =           =           =
        Accepted       =           =           OpenSent    OpenSent    OpenSent    =           =           =:6/7
        Closed         =           =           Active      =           =           Active      Active      Idle
        Failed         =           =           Active      =           =           Active      Active      Idle
        Writable       =           =           =           =           =           =           =           =
        Written        =           =           =           =           =           =           =           =
        BfdUp          =           =           =           Connect     =           =           =           =
        BfdDown        =           =           =           =           =           Idle:6/10   Idle:6/10   Idle:6/10
        Open           =           =           =           =           =           OpenConfirm Idle:5/2    Idle:5/3
        OpenOtherAs    =           =           =           =           =           Idle:2/2    Idle:5/2    Idle:5/3
        OpenShortHold  =           =           =           =           =           Idle:2/6    Idle:5/2    Idle:5/3
        OpenVersion3   =           =           =           =           =           Idle:2/1    Idle:5/2    Idle:5/3
        KeepAlive      =           =           =           =           =           Idle:5/1    Established =
        Update         =           =           =           =           =           Idle:5/1    Idle:5/2    =
        UpdateFatal    =           =           =           =           =           Idle:5/1    Idle:5/2    Idle:3/1
        Refresh        =           =           =           =           =           Idle:5/1    Idle:5/2    =
        Notification   =           =           =           =           =           Idle        Idle        Idle
        Collision      =           =           =           =           =           Active      Active      Idle
        Unsynchronized =           =           =           =           =           Idle:1/1    Idle:1/1    Idle:1/1
        UnknownType    =           =           =           =           =           Idle:1/3    Idle:1/3    Idle:1/3
        TooShort       =           =           =           =           =           Idle:1/2    Idle:1/2    Idle:1/2
        NextTimer      =           Connect     Active      Connect     =           Idle:4/0    =           =
        TenMinutes     =           Active      Active      =           =           Active:4/0  Active:4/0  Active:4/0
        """;

    public static IEnumerable<TheoryDataRow<string, string, string>> Cells =>
        from line in Table.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        let words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        from i in Enumerable.Range(0, States.Length)
        select new TheoryDataRow<string, string, string>(States[i], words[0], words[i + 1]);

    [Theory]
    [MemberData(nameof(Cells))]
    public void Every_event_in_every_state_has_its_answer(string state, string happening, string expected)
    {
        var world = In(state);
        var before = world.State;
        world.Forget();
        Happen(world, happening);
        Assert.Equal(expected, Result(world, before));
    }

    [Fact]
    public void The_table_has_every_event() =>
        Assert.Equal(Events.Keys, Table.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[0]));

    [Fact]
    public void Every_input_of_the_machine_is_an_event_of_the_table()
    {
        var inputs = typeof(BgpSessionInput).GetNestedTypes().Select(type => type.Name).Order(StringComparer.Ordinal);
        var seen = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var happening in Events.Values)
            happening(new Recorder(seen));
        Assert.Equal(inputs, seen);
    }

    // What happens on a connection happens on the one that there is, or on one that there is not.
    private static readonly Dictionary<string, Action<IStage>> Events = new(StringComparer.Ordinal)
    {
        ["Start"] = stage => stage.Handle(new BgpSessionInput.StartRequested()),
        ["Stop"] = stage => stage.Handle(new BgpSessionInput.StopRequested(BgpStopReason.AdministrativeShutdown, "bye")),
        ["Deconfigure"] = stage => stage.Handle(new BgpSessionInput.StopRequested(BgpStopReason.PeerDeconfigured)),
        ["Restart"] = stage => stage.Handle(new BgpSessionInput.StopRequested(BgpStopReason.Restart)),
        ["Reset"] = stage => stage.Handle(new BgpSessionInput.ResetRequested()),
        ["SameConfig"] = stage => stage.Handle(new BgpSessionInput.ConfigChanged(stage.Config)),
        ["OtherTimers"] = stage => stage.Handle(new BgpSessionInput.ConfigChanged(stage.Config with { HoldTimeSeconds = 30 })),
        ["OtherConfig"] = stage => stage.Handle(new BgpSessionInput.ConfigChanged(stage.Config with { KeyHandle = "new" })),
        ["Opened"] = stage => stage.Handle(new BgpSessionInput.StreamOpened(stage.Ordered, BgpSessionWorld.Local)),
        ["OpenedLate"] = stage => stage.Handle(new BgpSessionInput.StreamOpened(-99, BgpSessionWorld.Local)),
        ["Accepted"] = stage => stage.Handle(new BgpSessionInput.StreamAccepted(99, BgpSessionWorld.Local)),
        ["Closed"] = stage => stage.Handle(new BgpSessionInput.StreamClosed(stage.Current)),
        ["Failed"] = stage => stage.Handle(new BgpSessionInput.StreamFailed(stage.Current, BgpStreamFailure.Refused, "no")),
        ["Writable"] = stage => stage.Handle(new BgpSessionInput.StreamWritable(stage.Current)),
        ["Written"] = stage => stage.Handle(new BgpSessionInput.MessagesWritten(Bytes("00170200000000"))),
        ["BfdUp"] = stage => stage.Handle(new BgpSessionInput.BfdCameUp()),
        ["BfdDown"] = stage => stage.Handle(new BgpSessionInput.BfdWentDown()),
        ["Open"] = stage => stage.Say(BgpSessionWorld.PeerOpen()),
        ["OpenOtherAs"] = stage => stage.Say(BgpSessionWorld.PeerOpen(asn: 65009)),
        ["OpenShortHold"] = stage => stage.Say(BgpSessionWorld.PeerOpen(hold: 2)),
        ["OpenVersion3"] = stage => stage.Say(BgpSessionWorld.PeerOpen() with { Version = 3 }),
        ["KeepAlive"] = stage => stage.SayBytes(Bytes("001304")),
        ["Update"] = stage => stage.SayBytes(Bytes("00170200000000")),
        ["UpdateFatal"] = stage => stage.SayBytes(Bytes("00170200090000")),
        ["Refresh"] = stage => stage.SayBytes(Bytes("00170500010001")),
        ["Notification"] = stage => stage.SayBytes(Bytes("0015030602")),
        ["Collision"] = stage => stage.SayBytes(Bytes("0015030607")),
        ["Unsynchronized"] = stage => stage.SayBytes(new byte[19]),
        ["UnknownType"] = stage => stage.SayBytes(Bytes("001309")),
        ["TooShort"] = stage => stage.SayBytes(Bytes("001204")),
        ["NextTimer"] = stage => stage.Pass(null),
        ["TenMinutes"] = stage => stage.Pass(TimeSpan.FromMinutes(10)),
    };

    private static void Happen(BgpSessionWorld world, string happening) => Events[happening](new Stage(world));

    private static string Result(BgpSessionWorld world, BgpSessionState before)
    {
        var notification = world.NotificationsSent.FirstOrDefault();
        var sent = notification is null ? "" : $":{(int)notification.Code}/{notification.Subcode}";
        return (world.State == before ? "=" : world.State.ToString()) + sent;
    }

    private static BgpSessionWorld In(string state)
    {
        var world = new BgpSessionWorld(
            state == "Passive" ? BgpSessionWorld.Config with { IsPassive = true } : BgpSessionWorld.Config);
        if (state == "Idle")
            return world;
        world.Start();
        switch (state)
        {
            case "Held":
                world.Connect();
                world.Say(BgpSessionWorld.PeerOpen(asn: 1));
                break;
            case "Waiting":
                world.Handle(new BgpSessionInput.StreamFailed(world.Attempts.Last().Stream, BgpStreamFailure.Refused, "no"));
                break;
            case "OpenSent":
                world.Connect();
                break;
            case "OpenConfirm":
                world.Connect().Confirm();
                break;
            case "Established":
                world.Establish();
                break;
        }
        return world;
    }

    private static byte[] Bytes(string afterTheMarker) => Convert.FromHexString(new string('F', 32) + afterTheMarker);

    private interface IStage
    {
        BgpSessionConfig Config { get; }

        long Ordered { get; }

        long Current { get; }

        void Handle(BgpSessionInput input);

        void Say(BgpOpen open);

        void SayBytes(byte[] bytes);

        void Pass(TimeSpan? span);
    }

    private sealed class Stage(BgpSessionWorld world) : IStage
    {
        public BgpSessionConfig Config => world.State == BgpSessionState.Active && world.Machine.NextDeadline is null
            ? BgpSessionWorld.Config with { IsPassive = true }
            : BgpSessionWorld.Config;

        public long Ordered => -1;

        public long Current => world.Stream == 0 ? -1 : world.Stream;

        public void Handle(BgpSessionInput input) => world.Handle(input);

        public void Say(BgpOpen open) => world.Say(open);

        public void SayBytes(byte[] bytes) => world.SayBytes(bytes);

        public void Pass(TimeSpan? span) =>
            world.Run(span ?? (world.Machine.NextDeadline is { } due ? due - world.Now : TimeSpan.Zero));
    }

    private sealed class Recorder(SortedSet<string> seen) : IStage
    {
        public BgpSessionConfig Config => BgpSessionWorld.Config;

        public long Ordered => 0;

        public long Current => 0;

        public void Handle(BgpSessionInput input) => seen.Add(input.GetType().Name);

        public void Say(BgpOpen open) => seen.Add(nameof(BgpSessionInput.StreamBytes));

        public void SayBytes(byte[] bytes) => seen.Add(nameof(BgpSessionInput.StreamBytes));

        public void Pass(TimeSpan? span)
        {
            // Time is no input.
        }
    }
}
