using System;
using System.Linq;
using FerroLB.Protocols.Bgp.Wire;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Bgp.Wire;

public sealed class BgpMalformedUpdateTests
{
    public static TheoryData<string> Corpus => [.. BgpVectors.Names("malformed")];

    [Theory]
    [MemberData(nameof(Corpus))]
    public void The_receiver_does_what_the_revised_error_handling_demands(string name)
    {
        var vector = BgpVectors.Read("malformed", name);
        var update = BgpUpdate.Read(BgpOctets.FrameOf(vector.Message, vector.IsExtended).Body, vector.Context);
        var decisive = update.Decisive;
        Assert.Equal(vector["action"], update.Action.ToString());
        Assert.Equal(vector["fault"], decisive?.Fault.ToString());
        Assert.Equal(vector["attribute"] ?? "0", ((byte)(decisive?.Attribute ?? 0)).ToString());
        Assert.Equal(vector["family"], decisive?.Family is { } family ? $"{family.Afi}/{family.Safi}" : null);
        if (vector["notification"] is { } expected)
        {
            var sent = decisive!.Notification!;
            Assert.StartsWith($"{(byte)sent.Code}/{sent.Subcode}", expected, StringComparison.Ordinal);
            if (expected.Contains(' ', StringComparison.Ordinal))
                Assert.Equal(expected.Split(' ')[1], Convert.ToHexStringLower(sent.Data.Span));
        }
        else
        {
            Assert.Null(decisive?.Notification);
        }
        if (vector["announced"] is { } announced)
            Assert.Equal(int.Parse(announced), update.Announced.Count);
        if (vector["withdrawn"] is { } withdrawn)
            Assert.Equal(int.Parse(withdrawn), update.Withdrawn.Count);
        _ = update.ReadAttributes();
    }

    [Fact]
    public void The_corpus_covers_every_fault_and_every_action()
    {
        var vectors = BgpVectors.Names("malformed").Select(name => BgpVectors.Read("malformed", name)).ToList();
        Assert.True(vectors.Count >= 40);
        Assert.Empty(Enum.GetNames<BgpUpdateFault>().Except(vectors.Select(v => v["fault"]!)));
        Assert.Empty(Enum.GetNames<BgpErrorAction>().Except(vectors.Select(v => v["action"]!)));
    }

    [Fact]
    public void What_is_malformed_gives_no_value_and_the_rest_does()
    {
        var update = Read("40010109 400206 0201 0000fc01 400304 c0000201 c00800 c0080411223344 40050400000064");
        Assert.Equal(BgpErrorAction.TreatAsWithdraw, update.Action);
        var attributes = update.ReadAttributes();
        Assert.Null(attributes.Origin);
        Assert.Null(attributes.LocalPref);
        Assert.Empty(attributes.Communities);
        Assert.Equal("64513", attributes.AsPath!.ToString());
    }

    [Fact]
    public void The_error_that_decides_is_listed_even_behind_many_others()
    {
        var many = string.Concat(Enumerable.Repeat("40010100", 100));
        var update = Read($"{many} 400206 0201 0000fc01 400304 c0000201 406300");
        Assert.Equal(BgpErrorAction.SessionReset, update.Action);
        Assert.Equal(16, update.Errors.Count);
        Assert.Equal(BgpUpdateFault.WellKnownNotRecognized, update.Decisive!.Fault);
    }

    [Fact]
    public void A_decision_to_withdraw_is_listed_behind_many_others_too()
    {
        var many = string.Concat(Enumerable.Repeat("40010100", 100));
        var update = Read($"{many} 400206 0201 0000fc01 400304 c0000201 c00800");
        Assert.Equal(BgpErrorAction.TreatAsWithdraw, update.Action);
        Assert.Equal(BgpAttributeType.Communities, update.Decisive!.Attribute);
    }

    [Fact]
    public void Every_truncation_and_every_flipped_bit_is_survived()
    {
        foreach (var name in BgpVectors.Names("malformed"))
        {
            var vector = BgpVectors.Read("malformed", name);
            var body = vector.Message[BgpFramer.HeaderBytes..];
            if (body.Length > 1000)
                continue;
            for (var length = 0; length <= body.Length; length++)
                Survive(body[..length], vector.Context);
            for (var bit = 0; bit < 8 * body.Length; bit++)
            {
                var changed = body.ToArray();
                changed[bit / 8] ^= (byte)(1 << (bit & 7));
                Survive(changed, vector.Context);
            }
        }
    }

    [Fact]
    public void Random_attributes_are_survived()
    {
        var random = new SeededRandom(3);
        byte[] types = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 14, 15, 16, 17, 18, 25, 32, 35, 40, 99];
        byte[] flags = [0x40, 0x80, 0xC0, 0x50, 0x90, 0xD0, 0];
        for (var i = 0; i < 100_000; i++)
        {
            var octets = new byte[random.Next(60)];
            for (var j = 0; j < octets.Length; j++)
                octets[j] = (byte)random.Next(random.Chance(0.8) ? 8 : 256);
            for (var at = 0; at + 2 < octets.Length; at += 3 + octets[at + 2])
                (octets[at], octets[at + 1]) = (flags[random.Next(flags.Length)], types[random.Next(types.Length)]);
            byte[] body = [0, 0, 0, (byte)octets.Length, .. octets, .. random.Chance(0.5) ? new byte[] { 24, 10, 0, 0 } : []];
            Survive(body, BgpOctets.External with
            {
                FourOctetAs = random.Chance(0.5), IsInternal = random.Chance(0.5), IPv4OverIPv6 = random.Chance(0.5),
            });
        }
    }

    private static void Survive(byte[] body, BgpUpdateContext context)
    {
        var update = BgpUpdate.Read(body, context);
        _ = update.ReadAttributes();
        foreach (var prefix in update.Announced)
            Assert.True(prefix.Length <= 32);
        foreach (var prefix in update.Reach?.Prefixes ?? default)
            Assert.True(prefix.Length <= 128);
        Assert.Equal(update.Action != BgpErrorAction.None, update.Errors.Count > 0);
        Assert.Equal(update.Action != BgpErrorAction.None, update.Decisive is not null);
        Assert.Equal(update.Action >= BgpErrorAction.FamilyDisable, update.Decisive?.Notification is not null);
    }

    private static BgpUpdate Read(string attributes) =>
        BgpUpdate.Read(BgpOctets.UpdateBody("", attributes, "18cb0071"), BgpOctets.External);
}
